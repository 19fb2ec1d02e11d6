/**
 * Where in the shop the customer is.
 *
 * An address such as `/?entry=product&product=GZ2101` is what cards carry and what a customer copies into the chat, where
 * the bot knows it for a product of the shop. The server has one page for all of them.
 */

import { useSyncExternalStore } from 'react';
import { isOwn } from '../chat/links';

export type Route = { page: 'home' } | { page: 'product'; no: string } | { page: 'orders'; no: string | null };

const HOME: Route = { page: 'home' };
const NUMBER = /^[\w-]{1,64}$/;

export function readRoute(search: string): Route {
  const query = new URLSearchParams(search);
  const number = (name: string) => {
    const value = query.get(name) ?? '';
    return NUMBER.test(value) ? value : null;
  };
  const product = number('product');
  switch (query.get('entry')) {
    case 'order':
      return { page: 'orders', no: number('order') };
    case 'product':
    case null:
      return product ? { page: 'product', no: product.toUpperCase() } : HOME;
    default:
      return HOME;
  }
}

export function hrefOf(route: Route): string {
  if (route.page === 'product') return `/?entry=product&product=${encodeURIComponent(route.no)}`;
  if (route.page === 'orders') return `/?entry=order${route.no ? `&order=${encodeURIComponent(route.no)}` : ''}`;
  return '/';
}

/** The product of this shop whose page an address leads to; null for any other address. */
export function ownProduct(address: string, here: string): string | null {
  const url = new URL(address, here);
  if (url.pathname !== '/' || !isOwn(url, new URL(here))) return null;
  const route = readRoute(url.search);
  return route.page === 'product' ? route.no : null;
}

/** Goes to a page of the shop without loading it anew. */
export function go(route: Route): void {
  window.history.pushState(null, '', hrefOf(route));
  window.dispatchEvent(new PopStateEvent('popstate'));
}

function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const wantsNewTab = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (!link || wantsNewTab || link.target || link.origin !== window.location.origin || link.pathname !== '/') return;
  event.preventDefault();
  go(readRoute(link.search));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  document.addEventListener('click', followLink);
  return () => {
    window.removeEventListener('popstate', listener);
    document.removeEventListener('click', followLink);
  };
}

/** The query of the page's address; links inside the shop are followed without loading the page anew. */
export function useAddress(): string {
  return useSyncExternalStore(subscribe, () => window.location.search);
}
