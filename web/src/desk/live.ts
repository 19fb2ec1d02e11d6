/** The stream of what happens at the desk: one connection, taken up again where it was lost. */

import { BASE } from './api';

export const EVENTS = [
  'hello',
  'reset',
  'ping',
  'message',
  'marks',
  'chat',
  'chat_gone',
  'queue',
  'place',
  'alert',
  'typing',
  'looking',
  'draft',
  'suggestions',
  'note',
  'rating',
  'presence',
  'whisper',
  'alarm',
  'ticket',
  'promise',
  'signed_out',
  'closed',
] as const;
export type EventName = (typeof EVENTS)[number];

/** What is needed of an EventSource. */
export interface Source {
  readonly readyState: number;
  addEventListener(name: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export interface LiveEvents {
  event(name: EventName, data: Record<string, unknown>): void;
  line(state: 'online' | 'lost'): void;
}

const CLOSED = 2;
/** Pings come every 20 seconds; a line that is silent for so long is dead, whatever the browser thinks. */
const SILENT_MS = 50_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;

export class Live {
  private source: Source | null = null;
  private cursor: string | null = null;
  private retryDelay = FIRST_RETRY_MS;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private readonly events: LiveEvents;
  private readonly connect: (url: string) => Source;

  constructor(events: LiveEvents, connect: (url: string) => Source = (url) => new EventSource(url)) {
    this.events = events;
    this.connect = connect;
  }

  start(): void {
    this.stopped = false;
    this.open();
  }

  stop(): void {
    this.stopped = true;
    this.hangUp();
  }

  /** Connects now instead of at the next turn, as when the network is back. */
  hurry(): void {
    if (this.stopped || this.source?.readyState === 1) return;
    this.hangUp();
    this.open();
  }

  private hangUp(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.watch);
    this.source?.close();
    this.source = null;
  }

  private open(): void {
    const after = this.cursor === null ? '' : `?after=${encodeURIComponent(this.cursor)}`;
    const source = this.connect(`${BASE}/events${after}`);
    this.source = source;
    this.listen();
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        if (source !== this.source) return;
        this.take(name, event);
      });
    }
    source.addEventListener('error', () => {
      if (source !== this.source) return;
      this.events.line('lost');
      // The browser goes on by itself after a lost line, and gives up after a refusal.
      if (source.readyState === CLOSED) this.later();
    });
  }

  private take(name: EventName, event: MessageEvent<string>): void {
    this.listen();
    if (event.lastEventId) this.cursor = event.lastEventId;
    let data: Record<string, unknown> = {};
    try {
      const read: unknown = JSON.parse(event.data || '{}');
      if (typeof read === 'object' && read !== null) data = read as Record<string, unknown>;
    } catch {
      return;
    }
    if (name === 'hello') {
      this.retryDelay = FIRST_RETRY_MS;
      if (typeof data.cursor === 'string') this.cursor = data.cursor;
      this.events.line('online');
    }
    this.events.event(name, data);
    if (name === 'closed') this.stop();
    if (name === 'signed_out') this.stop();
  }

  private later(): void {
    this.hangUp();
    if (this.stopped) return;
    this.retryTimer = setTimeout(() => this.open(), this.retryDelay);
    this.retryDelay = Math.min(this.retryDelay * 2, LONGEST_RETRY_MS);
  }

  private listen(): void {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => {
      this.events.line('lost');
      this.later();
    }, SILENT_MS);
  }
}
