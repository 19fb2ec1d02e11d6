/** The signed context: who the customer is and where the chat was opened, vouched for by the page's own server. */

export type Entry =
  { kind: 'shop' } | { kind: 'product'; productNo: string } | { kind: 'order'; orderNo: string | null };

export interface ChatContext {
  conversationId: string;
  token: string;
  rasaUrl: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export interface ContextWish {
  entry: Entry;
  customer: string | null;
  /** The conversation to go on with, and the token that proves it was ours. */
  current: { conversationId: string; token: string } | null;
}

const LONGEST_WAIT_MS = 10_000;

export function sameEntry(one: Entry, other: Entry): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function contextQuery({ entry, customer, current }: ContextWish): string {
  const query = new URLSearchParams({ entry: entry.kind });
  if (entry.kind === 'product') query.set('product', entry.productNo);
  if (entry.kind === 'order' && entry.orderNo) query.set('order', entry.orderNo);
  if (customer) query.set('customer', customer);
  if (current) query.set('conversation', current.conversationId);
  return query.toString();
}

/** Asks the page's server for a context; rejects when it cannot be had. */
export async function fetchContext(wish: ContextWish): Promise<ChatContext> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), LONGEST_WAIT_MS);
  const response = await fetch(`/api/context?${contextQuery(wish)}`, {
    // In a header, so that it stays out of every access log on the way.
    headers: wish.current ? { Authorization: `Bearer ${wish.current.token}` } : {},
    cache: 'no-store',
    credentials: 'same-origin',
    signal: abort.signal,
  }).finally(() => clearTimeout(timer));
  if (!response.ok) throw new Error(`context refused: ${response.status}`);
  const body = (await response.json()) as Record<string, unknown>;
  const expiresAt = Date.parse(String(body.expires_at));
  if (
    typeof body.conversation_id !== 'string' ||
    typeof body.token !== 'string' ||
    typeof body.rasa_url !== 'string' ||
    Number.isNaN(expiresAt)
  ) {
    throw new Error('context is not readable');
  }
  return { conversationId: body.conversation_id, token: body.token, rasaUrl: body.rasa_url, expiresAt };
}
