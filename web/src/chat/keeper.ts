/** Keeps a conversation in the browser, so that a reload or tomorrow's visit goes on where it stopped. */

import { type Capsule, readReply } from './wire';
import type { ChatMessage } from './conversation';

export interface KeptConversation {
  conversationId: string;
  token: string;
  messages: ChatMessage[];
  capsules: Capsule[];
}

export interface Keeper {
  load(): KeptConversation | null;
  save(kept: KeptConversation): void;
  clear(): void;
}

const VERSION = 1;
/** Enough to scroll back through, little enough for the browser's quota. */
export const LONGEST_HISTORY = 200;

function keptMessage(value: unknown): ChatMessage | null {
  if (typeof value !== 'object' || value === null) return null;
  const from = value as Record<string, unknown>;
  if (typeof from.id !== 'string' || typeof from.at !== 'number') return null;
  const { id, at } = from;
  if (from.from === 'customer' && typeof from.text === 'string' && typeof from.payload === 'string') {
    const status = from.status === 'pending' || from.status === 'failed' ? from.status : 'sent';
    return { from: 'customer', id, at, text: from.text, payload: from.payload, status, hidden: from.hidden === true };
  }
  if (from.from === 'shop') {
    // Kept as it came and read again, so that the rules of reading hold for what somebody put into the storage, too.
    const reply = readReply(from.raw);
    return reply && { from: 'shop', id, at, text: reply.text, card: reply.card, raw: from.raw };
  }
  return null;
}

export function readKept(stored: string | null): KeptConversation | null {
  if (!stored) return null;
  try {
    const from = JSON.parse(stored) as Record<string, unknown>;
    if (from.version !== VERSION || typeof from.conversationId !== 'string' || typeof from.token !== 'string') {
      return null;
    }
    const messages = Array.isArray(from.messages) ? from.messages : [];
    return {
      conversationId: from.conversationId,
      token: from.token,
      messages: messages.map(keptMessage).filter((message): message is ChatMessage => message !== null),
      capsules: readReply({ buttons: from.capsules })?.capsules ?? [],
    };
  } catch {
    return null;
  }
}

export function writeKept(kept: KeptConversation): string {
  const messages = kept.messages
    .filter((message) => message.from !== 'notice')
    .slice(-LONGEST_HISTORY)
    .map((message) => (message.from === 'shop' ? { ...message, text: undefined, card: undefined } : message));
  return JSON.stringify({ version: VERSION, ...kept, messages });
}

/** One drawer a customer: whoever takes another customer's seat never sees what was said there. */
export function browserKeeper(customer: string | null): Keeper {
  const key = `sixty.chat.${customer ?? 'visitor'}`;
  // Storage may be full, or forbidden in private windows: then the conversation simply lives as long as the page.
  return {
    load() {
      try {
        return readKept(localStorage.getItem(key));
      } catch {
        return null;
      }
    },
    save(kept) {
      try {
        localStorage.setItem(key, writeKept(kept));
      } catch {
        /* see above */
      }
    },
    clear() {
      try {
        localStorage.removeItem(key);
      } catch {
        /* see above */
      }
    },
  };
}
