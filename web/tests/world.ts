/** A world of its own for a conversation: sessions, a line with a server behind it, and a drawer, all in the test's hands. */

import { vi } from 'vitest';
import { Conversation } from '../src/chat/conversation';
import { type Kept, readKept, writeKept } from '../src/chat/keeper';
import type { Line, LineEvents, Speech } from '../src/chat/line';
import { type Session, SessionRefused, type SessionWish } from '../src/chat/session';

export const HALF_AN_HOUR = 30 * 60_000;
const START = Date.UTC(2026, 10, 22, 2, 0, 0);

export interface Row {
  id: number;
  author: 'customer' | 'bot' | 'agent' | 'system';
  at: string;
  client_id?: string;
  text?: string;
  capsules?: { title: string; tap: string }[];
}

interface Say {
  id: string;
  speech: Speech;
  answer: (answer: unknown) => void;
}

export class World {
  /** The server's record. */
  rows: Row[] = [];
  conversationId = 'c1';
  sessionIsDown = false;
  merchantToken: string | null = null;
  refusesMerchantToken = false;
  wishes: SessionWish[] = [];

  /** Whether the server acknowledges by itself; otherwise the test answers what is in `says`. */
  acknowledges = true;
  /** What the server answers instead, once each. */
  refusals: { code: string; message: string }[] = [];
  pageSize = 200;
  says: Say[] = [];
  opens: ({ after: number } | { before: number })[] = [];
  reads: number[] = [];
  typings: boolean[] = [];
  renewals: string[] = [];
  tokens: string[] = [];
  linesOpened = 0;
  restarts = 0;
  hurries = 0;
  isConnected = false;
  warnings: string[] = [];
  stored: string | null = null;
  uploads: { name: string; settle: (id: string) => void; refuse: (error: Error) => void }[] = [];

  private events: LineEvents | null = null;
  private token: (() => string) | null = null;
  private ids = 0;

  conversation(): Conversation {
    return new Conversation({
      customer: null,
      merchantToken: () => Promise.resolve(this.merchantToken),
      fetchSession: (wish) => this.session(wish),
      openLine: (_url, token, events) => {
        this.events = events;
        this.token = token;
        this.linesOpened += 1;
        return this.line();
      },
      upload: (file) =>
        new Promise((resolve, reject) => {
          this.uploads.push({ name: file.name, settle: (id) => resolve({ id }), refuse: reject });
        }),
      preview: { of: (file) => `https://here/${file.name}`, end: () => undefined },
      keeper: {
        load: () => Promise.resolve(readKept(this.stored)),
        save: (kept: Kept) => (this.stored = writeKept(kept)),
        clear: () => (this.stored = null),
      },
      warn: (words) => this.warnings.push(words),
      newId: () => `mine-${++this.ids}`,
      now: () => Date.now(),
    });
  }

  private session(wish: SessionWish): Promise<Session> {
    this.wishes.push(wish);
    if (this.sessionIsDown) return Promise.reject(new Error('down'));
    if (wish.merchantToken && this.refusesMerchantToken) return Promise.reject(new SessionRefused(401, 'bad kid'));
    return Promise.resolve({
      conversationId: this.conversationId,
      token: `token${this.wishes.length}`,
      rasaUrl: 'http://bot',
      expiresAt: Date.now() + HALF_AN_HOUR,
    });
  }

  private line(): Line {
    return {
      open: (place, answered) => {
        this.opens.push(place);
        if ('before' in place) {
          const earlier = this.rows.filter(({ id }) => id < place.before);
          const page = earlier.slice(-this.pageSize);
          answered({ ok: true, state: 'bot', messages: page, more: page.length < earlier.length, marks: {} });
          return;
        }
        const later = this.rows.filter(({ id }) => id > place.after);
        const page = place.after ? later.slice(0, this.pageSize) : later.slice(-this.pageSize);
        answered({ ok: true, state: 'bot', messages: page, more: page.length < later.length, marks: {} });
      },
      say: (id, speech, answer) => {
        this.says.push({ id, speech, answer });
        const refusal = this.refusals.shift();
        if (refusal) answer({ ok: false, ...refusal });
        else if (this.acknowledges) answer({ ok: true, message: this.write(id, speech) });
      },
      read: (to) => this.reads.push(to),
      typing: (on) => this.typings.push(on),
      renew: (token, answered) => {
        this.renewals.push(token);
        answered({ ok: true });
      },
      hurry: () => (this.hurries += 1),
      restart: () => {
        this.restarts += 1;
        this.lose();
      },
      close: () => (this.isConnected = false),
    };
  }

  /** Writes what a customer said, once for each of their ids, as the server does. */
  write(clientId: string, speech: Speech): Row {
    const known = this.rows.find(({ client_id }) => client_id === clientId);
    if (known) return known;
    const text = 'text' in speech ? { text: speech.text } : 'tap' in speech ? { text: `«${speech.tap}»` } : {};
    return this.put({ author: 'customer', client_id: clientId, ...text });
  }

  put(row: Omit<Row, 'id' | 'at'> & { id?: number }): Row {
    const id = row.id ?? (this.rows[this.rows.length - 1]?.id ?? 0) + 1;
    const written = { at: new Date(START + id * 1000).toISOString(), ...row, id };
    this.rows.push(written);
    this.rows.sort((one, other) => one.id - other.id);
    return written;
  }

  /** The bot says something, and it is delivered. */
  bot(text: string, capsules?: Row['capsules']): Row {
    const row = this.put({ author: 'bot', text, ...(capsules ? { capsules } : {}) });
    this.deliver(row);
    return row;
  }

  deliver(row: unknown): void {
    this.events?.message(row);
  }

  emit(event: 'typing' | 'marks' | 'state', data: unknown): void {
    this.events?.[event](data);
  }

  async connect(): Promise<void> {
    await vi.advanceTimersByTimeAsync(0);
    this.isConnected = true;
    this.tokens.push(this.token?.() ?? '');
    this.events?.connected();
    await vi.advanceTimersByTimeAsync(0);
  }

  lose(): void {
    this.isConnected = false;
    this.events?.lost();
  }

  async refuse(code: string): Promise<void> {
    this.events?.refused(code);
    await vi.advanceTimersByTimeAsync(0);
  }

  /** What was said, with a greeting as null. */
  get spoken(): (string | null)[] {
    return this.says.map(({ speech }) =>
      'text' in speech ? speech.text : 'tap' in speech ? speech.tap : 'attachment' in speech ? speech.attachment : null,
    );
  }
}
