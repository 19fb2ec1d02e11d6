import '../styles/chat-page.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ChatApp } from './ChatApp';
import { findHost } from './host';

const place = document.getElementById('chat');
if (place) {
  void findHost().then((host) =>
    createRoot(place).render(
      <StrictMode>
        <ChatApp host={host} />
      </StrictMode>,
    ),
  );
}
