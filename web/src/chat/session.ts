/** The session: a token that says who speaks in which conversation, given by the page's own server and soon over. */

import { fields, text } from './safe';

export type Entry =
  { kind: 'shop' } | { kind: 'product'; productNo: string } | { kind: 'order'; orderNo: string | null };

export interface Session {
  conversationId: string;
  token: string;
  rasaUrl: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export interface SessionWish {
  entry: Entry;
  /** A customer of the demo shop; counts for nothing anywhere else. */
  customer: string | null;
  /** The merchant's own word on who the customer is. */
  merchantToken: string | null;
  /** The last token, which proves that the conversation to go on with was ours. */
  current: string | null;
}

/** The server does not want this; trying the same again would not help. */
export class SessionRefused extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
  ) {
    super(detail);
  }
}

const LONGEST_WAIT_MS = 10_000;

export function sameEntry(one: Entry, other: Entry): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function sessionBody({ entry, customer, merchantToken }: SessionWish): Record<string, string> {
  return {
    entry: entry.kind,
    ...(entry.kind === 'product' ? { product: entry.productNo } : {}),
    ...(entry.kind === 'order' && entry.orderNo ? { order: entry.orderNo } : {}),
    ...(customer ? { customer } : {}),
    ...(merchantToken ? { merchant_token: merchantToken } : {}),
  };
}

/**
 * Asks for a session.
 *
 * Rejects with `SessionRefused` when the server will not have it, with any other error when it cannot be reached.
 */
export async function fetchSession(wish: SessionWish): Promise<Session> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), LONGEST_WAIT_MS);
  const response = await fetch('/api/session', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(wish.current ? { Authorization: `Bearer ${wish.current}` } : {}),
    },
    body: JSON.stringify(sessionBody(wish)),
    cache: 'no-store',
    credentials: 'omit',
    signal: abort.signal,
  }).finally(() => clearTimeout(timer));
  const body = fields(await response.json().catch(() => null)) ?? {};
  if (response.status >= 400 && response.status < 500 && response.status !== 429) {
    throw new SessionRefused(response.status, text(body.detail) || text(body.code) || `status ${response.status}`);
  }
  if (!response.ok) throw new Error(`no session: ${response.status}`);
  const expiresAt = Date.parse(text(body.expires_at));
  if (!text(body.conversation_id) || !text(body.token) || !text(body.rasa_url) || Number.isNaN(expiresAt)) {
    throw new Error('the session is not readable');
  }
  return {
    conversationId: text(body.conversation_id),
    token: text(body.token),
    rasaUrl: text(body.rasa_url),
    expiresAt,
  };
}
