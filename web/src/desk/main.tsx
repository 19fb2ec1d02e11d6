import './styles/desk.css';
import { createRoot } from 'react-dom/client';
import { adoptStyles } from './adoptedStyles';
import { DeskApp } from './DeskApp';

// Before anything of Ant Design is drawn.
adoptStyles();

const place = document.getElementById('desk');
if (place) createRoot(place).render(<DeskApp />);
