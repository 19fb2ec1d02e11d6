/** Words that were written and not saved yet: they are kept in this browser until they are saved or let go. */

import { type Shelf, browserShelf } from '../../shelf';

export interface KeptWords {
  /** What stood there when they were begun. */
  before: string;
  text: string;
}

export function keyOf(account: string, scene: string, place: string): string {
  return `outreach.${account}.${scene}.${place}`;
}

export function keepWords(key: string, words: KeptWords | null, shelf: Shelf = browserShelf): void {
  shelf.write(key, words && words.text !== words.before ? JSON.stringify(words) : null);
}

export function keptWords(key: string, shelf: Shelf = browserShelf): KeptWords | null {
  try {
    const kept = JSON.parse(shelf.read(key) ?? 'null') as Partial<KeptWords> | null;
    return typeof kept?.before === 'string' && typeof kept.text === 'string'
      ? { before: kept.before, text: kept.text }
      : null;
  } catch {
    return null;
  }
}

/** Whether anything of a scene waits to be saved. */
export function hasKept(account: string, scene: string, shelf: Shelf = browserShelf): boolean {
  const beginning = keyOf(account, scene, '');
  return shelf.keys().some((key) => key.startsWith(beginning));
}
