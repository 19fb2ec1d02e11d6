/**
 * Keeps in the browser what a later visit needs: the token, how far was read, and what could not be sent yet.
 *
 * What was said is not kept here, it is on the server.
 */

import { count, fields, list, text } from './safe';
import type { Speech } from './line';

/** Something said that the server has not acknowledged. */
export interface Waiting {
  id: string;
  at: number;
  /** What the customer sees of it. */
  shown: string;
  speech: Speech;
  failed: boolean;
}

export interface Kept {
  token: string;
  conversationId: string;
  seenTo: number;
  waiting: Waiting[];
}

export interface Keeper {
  load(): Promise<Kept | null>;
  save(kept: Kept): void;
  clear(): void;
}

/** A drawer with labels: the storage of the page that the chat is on, wherever that is. */
export interface Store {
  load(key: string): Promise<string | null>;
  save(key: string, value: string | null): void;
}

const VERSION = 2;

function readWaiting(value: unknown): Waiting | null {
  const from = fields(value);
  const at = count(from?.at);
  const speech = fields(from?.speech);
  if (!from || !text(from.id) || at === null || !speech) return null;
  const common = { id: text(from.id), at, shown: text(from.shown), failed: from.failed === true };
  if (text(speech.text)) return { ...common, speech: { text: text(speech.text) } };
  if (text(speech.tap)) return { ...common, speech: { tap: text(speech.tap) } };
  if (text(speech.attachment)) return { ...common, speech: { attachment: text(speech.attachment) } };
  return null;
}

export function readKept(stored: string | null): Kept | null {
  if (!stored) return null;
  try {
    const from = fields(JSON.parse(stored));
    if (from?.version !== VERSION || !text(from.token) || !text(from.conversationId)) return null;
    return {
      token: text(from.token),
      conversationId: text(from.conversationId),
      seenTo: count(from.seenTo) ?? 0,
      waiting: list(from.waiting, readWaiting),
    };
  } catch {
    return null;
  }
}

export function writeKept(kept: Kept): string {
  return JSON.stringify({ version: VERSION, ...kept });
}

/**
 * One drawer a person: whoever takes another's seat never sees what was said there.
 *
 * When it is empty, that of `before` is taken over: a visitor who signs in goes on.
 */
export function keeperOf(person: string, store: Store, before: string | null = null): Keeper {
  const key = `chat.${person}`;
  const earlier = before === null ? null : `chat.${before}`;
  return {
    async load() {
      const kept = readKept(await store.load(key));
      if (kept ?? earlier === null) return kept;
      const taken = readKept(await store.load(earlier));
      if (taken) {
        store.save(key, writeKept(taken));
        store.save(earlier, null);
      }
      return taken;
    },
    save: (kept) => store.save(key, writeKept(kept)),
    clear: () => store.save(key, null),
  };
}
