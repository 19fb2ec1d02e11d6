import './styles/shop-page.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { remembered } from './browser';
import { CUSTOMER_KEY, widgetOptions } from './shop/chatOptions';
import { configureChat } from './shop/chat';
import { readRoute } from './shop/route';

configureChat({
  ...widgetOptions(readRoute(window.location.search), remembered(CUSTOMER_KEY, 'local'), null),
  open: 'wide',
  theme: 'light',
  texts: { title: '六拾优选客服' },
});

const place = document.getElementById('page');
if (place) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
