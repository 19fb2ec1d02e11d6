/**
 * One conversation with the shop: what was said, what is still on its way, and the line it goes over.
 *
 * It knows nothing of React, of sockets or of the browser's storage, which are handed in; the page looks at immutable
 * snapshots of it. A customer's message is `pending` until the server acknowledged it, stays so over lost lines and
 * reloads, and is sent again, under the id it was given first, whenever the line is back.
 */

import { type ChatContext, type ContextWish, type Entry, sameEntry } from './context';
import type { Keeper } from './keeper';
import type { Line, LineEvents } from './line';
import { type Capsule, type Card, readReply } from './wire';

export interface CustomerMessage {
  from: 'customer';
  id: string;
  at: number;
  text: string;
  payload: string;
  status: 'pending' | 'sent' | 'failed';
  /** Said on the customer's behalf, such as the greeting that fetches the welcome. */
  hidden: boolean;
}

export interface ShopMessage {
  from: 'shop';
  id: string;
  at: number;
  text: string | null;
  card: Card | null;
  /** As it came from the wire. */
  raw: unknown;
}

/** A word of the page itself, not of the shop; it is not kept. */
export interface Notice {
  from: 'notice';
  id: string;
  at: number;
  text: string;
}

export type ChatMessage = CustomerMessage | ShopMessage | Notice;

export interface Snapshot {
  messages: readonly ChatMessage[];
  capsules: readonly Capsule[];
  line: 'starting' | 'online' | 'lost';
  typing: boolean;
}

export interface Surroundings {
  customer: string | null;
  fetchContext(wish: ContextWish): Promise<ChatContext>;
  openLine(url: string, events: LineEvents): Line;
  keeper: Keeper;
  newId(): string;
  now(): number;
}

const GREETING = '/greet';
export const REPLY_WAIT_MS = 20_000;
const CONFIRM_WAIT_MS = 8_000;
const RENEW_BEFORE_MS = 120_000;
/** However wrong the customer's clock is, the context is not fetched more often than this. */
const RENEW_AT_MOST_EVERY_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;
export const LONGEST_MESSAGE = 1000;

type Timer = ReturnType<typeof setTimeout>;

export class Conversation {
  private snapshot: Snapshot = { messages: [], capsules: [], line: 'starting', typing: false };
  private readonly listeners = new Set<() => void>();

  private entry: Entry = { kind: 'shop' };
  private context: ChatContext | null = null;
  private contextEntry: Entry | null = null;
  private contextFetchedAt = 0;
  private kept: { conversationId: string; token: string } | null = null;

  private line: Line | null = null;
  private lineUrl: string | null = null;
  private connected = false;
  private confirmed = false;
  /** What was uttered over the present connection; the rest of the pending goes out when it is confirmed. */
  private readonly inFlight = new Set<string>();
  private awaitingReply = false;

  private opened = false;
  /** Grows whenever what is under way must not count any more. */
  private generation = 0;
  private working = false;
  private workAgain = false;
  private retryDelay = FIRST_RETRY_MS;
  private retryTimer: Timer | undefined;
  private renewTimer: Timer | undefined;
  private confirmTimer: Timer | undefined;
  private readonly replyTimers = new Map<string, Timer>();

  constructor(private readonly around: Surroundings) {
    const kept = around.keeper.load();
    if (kept) {
      this.kept = { conversationId: kept.conversationId, token: kept.token };
      this.snapshot = { ...this.snapshot, messages: kept.messages, capsules: kept.capsules };
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getSnapshot = (): Snapshot => this.snapshot;

  /** Opens the chat at this entry, or goes on with the open one there. */
  open(entry: Entry): void {
    this.entry = entry;
    this.opened = true;
    this.work();
  }

  /** Says something. A tapped capsule shows its title and sends its payload. */
  say(text: string, payload: string = text): void {
    const shown = text.trim().slice(0, LONGEST_MESSAGE);
    const sent = payload.trim().slice(0, LONGEST_MESSAGE);
    if (!shown || !sent) return;
    this.append(this.customerMessage(shown, sent, false));
    this.update({ capsules: [] });
    this.work();
  }

  /** Sends a failed message again, at the end of the conversation, where it is now being said. */
  resend(id: string): void {
    const message = this.find(id);
    if (message?.status !== 'failed') return;
    const others = this.snapshot.messages.filter((one) => one.id !== id);
    this.update({ messages: [...others, { ...message, status: 'pending', at: this.around.now() }] });
    this.inFlight.delete(id);
    this.line?.hurry();
    this.work();
  }

  /** Forgets this conversation and begins another. */
  startAnew(): void {
    this.forget();
    this.hangUp();
    this.kept = null;
    this.around.keeper.clear();
    this.update({ messages: [], capsules: [], typing: false });
    this.work();
  }

  /** The device says that it is online again, or the page is looked at again: no need to wait for the next turn. */
  wake(): void {
    if (!this.opened) return;
    this.retryDelay = FIRST_RETRY_MS;
    this.line?.hurry();
    this.work();
  }

  close(): void {
    this.opened = false;
    this.forget();
    clearTimeout(this.retryTimer);
    this.hangUp();
  }

  // What has to be done next, done one after the other: a context for this entry, a line, a session, the messages.

  private work(): void {
    if (!this.opened) return;
    if (this.working) {
      this.workAgain = true;
      return;
    }
    this.working = true;
    void this.step().finally(() => {
      this.working = false;
      if (this.workAgain) {
        this.workAgain = false;
        this.work();
      }
    });
  }

  private async step(): Promise<void> {
    const generation = this.generation;
    let context: ChatContext;
    try {
      context = await this.freshContext();
    } catch {
      if (generation === this.generation) this.retryLater();
      return;
    }
    if (generation !== this.generation) {
      this.workAgain = true;
      return;
    }
    this.retryDelay = FIRST_RETRY_MS;
    this.useLine(context);
    if (!this.confirmed) return;
    if (this.snapshot.line !== 'online') this.update({ line: 'online' });
    if (this.snapshot.messages.length === 0) this.append(this.customerMessage(GREETING, GREETING, true));
    for (const message of this.snapshot.messages) {
      if (message.from === 'customer' && message.status === 'pending' && !this.inFlight.has(message.id)) {
        this.utter(message, context);
      }
    }
  }

  private async freshContext(): Promise<ChatContext> {
    const now = this.around.now();
    const { context } = this;
    const fitsEntry = this.contextEntry !== null && sameEntry(this.contextEntry, this.entry);
    const isFresh =
      context !== null &&
      (context.expiresAt - now > RENEW_BEFORE_MS || now - this.contextFetchedAt < RENEW_AT_MOST_EVERY_MS);
    if (context && fitsEntry && isFresh) return context;

    const generation = this.generation;
    const { entry } = this;
    let fetched: ChatContext;
    try {
      fetched = await this.around.fetchContext({
        entry,
        customer: this.around.customer,
        current: context ?? this.kept,
      });
    } catch (error) {
      // One that is good for a while yet is better than none.
      if (context && fitsEntry && context.expiresAt > now) return context;
      throw error;
    }
    if (generation !== this.generation) return fetched;
    const before = (context ?? this.kept)?.conversationId;
    if (before !== undefined && before !== fetched.conversationId) this.beginUnderAnotherName();
    this.context = fetched;
    this.contextEntry = entry;
    this.contextFetchedAt = this.around.now();
    this.kept = { conversationId: fetched.conversationId, token: fetched.token };
    this.keep();
    clearTimeout(this.renewTimer);
    this.renewTimer = setTimeout(
      () => this.work(),
      Math.max(fetched.expiresAt - this.contextFetchedAt - RENEW_BEFORE_MS, RENEW_AT_MOST_EVERY_MS),
    );
    return fetched;
  }

  /** The server gave us another conversation, as the old one had rested too long: what waits to be said goes there. */
  private beginUnderAnotherName(): void {
    const waiting = this.snapshot.messages.filter(
      (message) => message.from === 'customer' && message.status !== 'sent' && !message.hidden,
    );
    this.inFlight.clear();
    this.update({
      messages: [this.customerMessage(GREETING, GREETING, true), ...waiting],
      capsules: [],
      typing: false,
    });
    this.hangUp();
  }

  private useLine(context: ChatContext): void {
    if (this.line && this.lineUrl === context.rasaUrl) return;
    this.hangUp();
    this.lineUrl = context.rasaUrl;
    this.line = this.around.openLine(context.rasaUrl, {
      connected: () => {
        this.connected = true;
        if (this.context) this.requestSession(this.context);
      },
      confirmed: () => {
        this.clearConfirmTimer();
        this.confirmed = true;
        this.update({ line: 'online' });
        this.greetAgain();
        this.work();
      },
      lost: () => {
        this.quieten();
        this.update({ line: 'lost', typing: false });
      },
      replied: (reply) => this.receive(reply),
    });
  }

  /** A greeting that nobody answered is worth another try, as long as the shop has not said a word. */
  private greetAgain(): void {
    const { messages } = this.snapshot;
    if (messages.some((message) => message.from === 'shop')) return;
    const greeting = messages.find((message) => message.from === 'customer' && message.hidden);
    if (greeting) this.mark(greeting.id, 'pending');
  }

  private requestSession(context: ChatContext): void {
    this.clearConfirmTimer();
    this.confirmTimer = setTimeout(() => {
      this.confirmTimer = undefined;
      this.update({ line: 'lost' });
      if (this.connected && this.context) this.requestSession(this.context);
    }, CONFIRM_WAIT_MS);
    this.line?.requestSession(context.conversationId, context.token);
  }

  private utter(message: CustomerMessage, context: ChatContext): void {
    const { id, payload } = message;
    this.inFlight.add(id);
    this.awaitingReply = true;
    this.update({ typing: true });
    clearTimeout(this.replyTimers.get(id));
    this.replyTimers.set(
      id,
      setTimeout(() => this.giveUpWaiting(id), REPLY_WAIT_MS),
    );
    this.line?.utter(
      { id, conversationId: context.conversationId, message: payload, token: context.token },
      (accepted) => {
        this.mark(id, accepted ? 'sent' : 'failed');
        if (!accepted) this.update({ typing: false });
      },
    );
  }

  private giveUpWaiting(id: string): void {
    this.replyTimers.delete(id);
    const message = this.find(id);
    if (!message) return;
    if (message.status === 'pending') {
      this.mark(id, 'failed');
      this.update({ typing: false });
      if (message.hidden) this.notice('客服这会儿有点忙，请稍等一下再试试。');
    } else if (this.awaitingReply) {
      this.awaitingReply = false;
      this.update({ typing: false });
      this.notice('这条还没等到回复，麻烦您稍后再问一次。');
    }
  }

  private receive(raw: unknown): void {
    const reply = readReply(raw);
    if (!reply) return;
    const id = reply.id ?? this.around.newId();
    if (this.snapshot.messages.some((message) => message.id === id)) return;
    this.awaitingReply = false;
    // A server that gives no acknowledgements answers in order: the first reply answers the oldest question.
    const oldest = this.snapshot.messages.find(
      (message) => message.from === 'customer' && message.status !== 'sent' && this.inFlight.has(message.id),
    );
    if (oldest) this.mark(oldest.id, 'sent');
    if (reply.text || reply.card) {
      this.append({ from: 'shop', id, at: this.around.now(), text: reply.text, card: reply.card, raw });
    }
    this.update({ typing: false, ...(reply.capsules.length ? { capsules: reply.capsules } : {}) });
  }

  private retryLater(): void {
    this.update({ line: 'lost' });
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.work(), this.retryDelay);
    this.retryDelay = Math.min(this.retryDelay * 2, LONGEST_RETRY_MS);
  }

  /** Lets go of the context; what is being fetched for it does not count any more. */
  private forget(): void {
    this.generation += 1;
    this.context = null;
    this.contextEntry = null;
    this.awaitingReply = false;
    clearTimeout(this.renewTimer);
  }

  /** Leaves the line, and with it the old conversation's room. */
  private hangUp(): void {
    this.line?.close();
    this.line = null;
    this.lineUrl = null;
    this.quieten();
  }

  /** Nothing that was under way over this connection counts any more. */
  private quieten(): void {
    this.connected = false;
    this.confirmed = false;
    this.inFlight.clear();
    this.clearReplyTimers();
    this.clearConfirmTimer();
  }

  private clearReplyTimers(): void {
    this.replyTimers.forEach((timer) => clearTimeout(timer));
    this.replyTimers.clear();
  }

  private clearConfirmTimer(): void {
    clearTimeout(this.confirmTimer);
    this.confirmTimer = undefined;
  }

  private customerMessage(text: string, payload: string, hidden: boolean): CustomerMessage {
    return {
      from: 'customer',
      id: this.around.newId(),
      at: this.around.now(),
      text,
      payload,
      status: 'pending',
      hidden,
    };
  }

  private notice(text: string): void {
    this.append({ from: 'notice', id: this.around.newId(), at: this.around.now(), text });
  }

  private find(id: string): CustomerMessage | undefined {
    const message = this.snapshot.messages.find((one) => one.id === id);
    return message?.from === 'customer' ? message : undefined;
  }

  private mark(id: string, status: CustomerMessage['status']): void {
    if (!this.find(id)) return;
    this.update({
      messages: this.snapshot.messages.map((one) =>
        one.id === id && one.from === 'customer' ? { ...one, status } : one,
      ),
    });
  }

  private append(message: ChatMessage): void {
    this.update({ messages: [...this.snapshot.messages, message] });
  }

  private update(change: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    if (change.messages ?? change.capsules) this.keep();
    this.listeners.forEach((listener) => listener());
  }

  private keep(): void {
    if (!this.kept) return;
    this.around.keeper.save({
      ...this.kept,
      messages: [...this.snapshot.messages],
      capsules: [...this.snapshot.capsules],
    });
  }
}
