/** Which page is open, kept behind the `#` so that reloading and the browser's back work. */

import { useSyncExternalStore } from 'react';

export type Page =
  'chats' | 'tickets' | 'replies' | 'outreach' | 'staff' | 'audit' | 'board' | 'supervision' | 'people' | 'inspection';
export interface Place {
  page: Page;
  chat: string | null;
  /** What is open on a page of its own, such as a ticket. */
  item?: string | null;
}

const PAGES: readonly string[] = [
  'tickets',
  'replies',
  'outreach',
  'staff',
  'audit',
  'board',
  'supervision',
  'people',
  'inspection',
] satisfies Page[];

export function placeOf(hash: string): Place {
  const [page = '', id = ''] = hash.replace(/^#\/?/, '').split('/');
  if (page === 'chat' && id) return { page: 'chats', chat: safely(id) };
  if (page === 'tickets' || page === 'inspection') return { page, chat: null, item: id || null };
  return { page: PAGES.includes(page) ? (page as Page) : 'chats', chat: null };
}

function safely(id: string): string | null {
  try {
    return decodeURIComponent(id);
  } catch {
    return null;
  }
}

export function hashOf({ page, chat, item }: Place): string {
  if (item) return `#/${page}/${encodeURIComponent(item)}`;
  return page === 'chats' ? (chat ? `#/chat/${encodeURIComponent(chat)}` : '#/') : `#/${page}`;
}

export function goTo(place: Place): void {
  const hash = hashOf(place);
  if (location.hash !== hash) location.hash = hash;
}

export function openChat(chat: string | null): void {
  goTo({ page: 'chats', chat });
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** The place as text, which stays the same while the place does. */
export function usePlace(): Place {
  return placeOf(useSyncExternalStore(subscribe, () => location.hash));
}
