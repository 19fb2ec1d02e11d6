/** A message as the server sends it, and how it is read. */

import { type Card, type Choice, readCard, readChoice, wordsOfCard } from './cards/card';
import { count, fields, list, pictureUrl, safeUrl, text, textOrNull } from './safe';

export type Author = 'customer' | 'bot' | 'agent' | 'system';
export type ConversationState = 'bot' | 'queued' | 'assigned' | 'wrap_up' | 'closed';

export interface Attachment {
  url: string;
  kind: 'picture' | 'voice' | 'video' | 'file';
  name: string;
  size: number | null;
}

export interface Message {
  /** Grows with every message of the conversation; the place to go on from after a lost line. */
  id: number;
  author: Author;
  /** What the person is called who says it; null for the bot. */
  speaker: string | null;
  /** Milliseconds since the epoch. */
  at: number;
  /** The id that this page, or another tab, gave it before it was sent. */
  clientId: string | null;
  text: string | null;
  card: Card | null;
  image: { url: string; alt: string } | null;
  attachment: Attachment | null;
  capsules: Choice[];
}

const AUTHORS: readonly unknown[] = ['customer', 'bot', 'agent', 'system'] satisfies Author[];
const STATES: readonly unknown[] = ['bot', 'queued', 'assigned', 'wrap_up', 'closed'] satisfies ConversationState[];
const KINDS: readonly unknown[] = ['picture', 'voice', 'video', 'file'] satisfies Attachment['kind'][];

export function readState(value: unknown): ConversationState | null {
  return STATES.includes(value) ? (value as ConversationState) : null;
}

export function readAttachment(value: unknown): Attachment | null {
  const from = fields(value);
  const url = safeUrl(from?.url);
  if (!from || !url) return null;
  const kind = KINDS.includes(from.kind) ? (from.kind as Attachment['kind']) : 'file';
  return { url, kind, name: text(from.name), size: count(from.size) };
}

function readImage(value: unknown): Message['image'] {
  const from = fields(value);
  const url = pictureUrl(from ? from.url : value);
  return url ? { url, alt: text(from?.alt) } : null;
}

/** Reads a message; null when it has no id or no author, without which it has no place in a conversation. */
export function readMessage(value: unknown): Message | null {
  const from = fields(value);
  const id = count(from?.id);
  if (!from || !id || !AUTHORS.includes(from.author)) return null;
  const at = Date.parse(text(from.at));
  const card = readCard(from.card);
  const said = textOrNull(from.text)?.trim() ?? null;
  return {
    id,
    // How it was is asked in the shop's own voice; it is no note between the two.
    author: from.author === 'system' && from.notice === 'rating' ? 'bot' : (from.author as Author),
    speaker: textOrNull(fields(from.from)?.name),
    at: Number.isNaN(at) ? Date.now() : at,
    clientId: textOrNull(from.client_id),
    text: said ?? (card ? null : wordsOfCard(from.card)),
    card,
    image: readImage(from.image),
    attachment: readAttachment(from.attachment),
    capsules: list(from.capsules, readChoice),
  };
}

/** There is something in it to look at; that the chat was opened, for one, is a message without. */
export function isShown({ text, card, image, attachment }: Message): boolean {
  return Boolean(text ?? card ?? image ?? attachment);
}
