/**
 * One conversation with the shop: what was said, what is still on its way, and the line it goes over.
 *
 * It knows nothing of React, of sockets or of the browser's storage, which are handed in; the page looks at immutable
 * snapshots of it. The server's record decides what was said and in which order: each message has an id there, is shown
 * once, in the order of the ids, and after a lost line everything since is asked for. What the customer says waits until
 * the server acknowledged it – over lost lines and reloads – and goes out one after the other, under the id it was given
 * first, so that however often it is sent, it was said once and in its order.
 */

import type { Card, Choice } from './cards/card';
import type { Keeper, Waiting } from './keeper';
import type { Line, LineEvents, Speech } from './line';
import { type Entry, sameEntry, type Session, SessionRefused, type SessionWish } from './session';
import { count, fields, list, text } from './safe';
import { type Upload, UploadRefused } from './upload';
import { type Attachment, type ConversationState, isShown, type Message, readMessage, readState } from './wire';

export interface CustomerMessage {
  from: 'customer';
  key: string;
  at: number;
  text: string | null;
  attachment: Attachment | null;
  status: 'pending' | 'sent' | 'delivered' | 'read' | 'failed';
  /** Why it failed, in words for the customer. */
  problem: string | null;
}

export interface ShopMessage {
  from: 'shop';
  key: string;
  author: 'bot' | 'agent';
  /** What the person is called who says it. */
  speaker: string | null;
  at: number;
  text: string | null;
  card: Card | null;
  image: { url: string; alt: string } | null;
  attachment: Attachment | null;
}

/** A word between the two, such as that a person has taken over. */
export interface Notice {
  from: 'notice';
  key: string;
  at: number;
  text: string;
}

export type ChatMessage = CustomerMessage | ShopMessage | Notice;

export interface Snapshot {
  messages: readonly ChatMessage[];
  /** What the shop's last answer offers to ask next. */
  capsules: readonly Choice[];
  line: 'starting' | 'online' | 'lost';
  typing: 'bot' | 'agent' | null;
  state: ConversationState;
  /** Messages of the shop that the customer has not seen. */
  unread: number;
  /** More was said before than is here. */
  hasEarlier: boolean;
}

export interface Surroundings {
  /** A customer of the demo shop. */
  customer: string | null;
  merchantToken(): Promise<string | null>;
  fetchSession(wish: SessionWish): Promise<Session>;
  openLine(url: string, token: () => string, events: LineEvents): Line;
  upload(file: File, token: string): Promise<Upload>;
  /** An address under which a file that is still here can be looked at, and its end. */
  preview: { of(file: File): string; end(url: string): void };
  keeper: Keeper;
  /** A word to whoever builds the page. */
  warn(words: string): void;
  newId(): string;
  now(): number;
}

/** Something the customer said that is not yet in the server's record. */
interface Outgoing {
  id: string;
  at: number;
  shown: string | null;
  /** Null as long as its file is being uploaded. */
  speech: Speech | null;
  file: File | null;
  attachment: Attachment | null;
  state: 'waiting' | 'failed';
  problem: string | null;
  /** Where it stands once it has failed: after this message. */
  after: number;
  attempts: number;
}

export const LONGEST_MESSAGE = 1000;
export const ACK_WAIT_MS = 8_000;
const MOST_ATTEMPTS = 3;
const RENEW_BEFORE_MS = 120_000;
/** However wrong the customer's clock is, the session is not fetched more often than this. */
const RENEW_AT_MOST_EVERY_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;
const TYPING_SAID_EVERY_MS = 3_000;
const TYPING_ENDS_AFTER_MS = 5_000;
/** Nobody types longer than this without another word from the server. */
const TYPING_SHOWN_MS = 20_000;
/**
 * So many messages are asked for again after a lost line. Ids are given before they are written, so a lower one may
 * appear after a higher one.
 */
const OVERLAP = 10;

const NOT_SENT = '没发出去';
const SESSION_OVER = new Set(['expired', 'invalid', 'unknown_conversation']);
/** What the server will take a moment later. */
const PASSING = new Set(['busy', 'too_fast']);
const PASSES_AFTER_MS = 1_500;

/** What was being fetched is for a conversation that is no more. */
class Superseded extends Error {}

type Timer = ReturnType<typeof setTimeout>;

export class Conversation {
  private snapshot: Snapshot = {
    messages: [],
    capsules: [],
    line: 'starting',
    typing: null,
    state: 'bot',
    unread: 0,
    hasEarlier: false,
  };
  private readonly listeners = new Set<() => void>();

  /** In the order of their ids. */
  private said: Message[] = [];
  private outgoing: Outgoing[] = [];
  private deliveredTo = 0;
  private readTo = 0;
  private seenTo = 0;
  private readSaid = 0;

  private entry: Entry = { kind: 'shop' };
  private session: Session | null = null;
  private sessionEntry: Entry | null = null;
  private sessionFetchedAt = 0;
  private conversationId: string | null = null;
  private token: string | null = null;
  private loaded = false;
  private fetching: Promise<Session> | null = null;

  private line: Line | null = null;
  private lineUrl: string | null = null;
  /** Grows with each connection that is begun or lost; an answer over an earlier one is late. */
  private connection = 0;
  private connected = false;
  /** Everything that was said up to now is here. */
  private synced = false;
  private saying: string | null = null;
  private greeting: string | null = null;

  private opened = false;
  private attended = false;
  private generation = 0;
  private working = false;
  private workAgain = false;
  private retryDelay = FIRST_RETRY_MS;
  private retryTimer: Timer | undefined;
  private renewTimer: Timer | undefined;
  private ackTimer: Timer | undefined;
  private typingTimer: Timer | undefined;
  private typedTimer: Timer | undefined;
  private typedSaidAt = 0;
  private isTyping = false;

  constructor(private readonly around: Surroundings) {}

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

  /** Whether the customer is looking: only then are they welcomed, and does what is shown count as read. */
  attend(attended: boolean): void {
    this.attended = attended;
    if (!attended) return;
    this.seen();
    this.greet();
  }

  say(words: string): void {
    const shown = words.trim().slice(0, LONGEST_MESSAGE);
    if (shown) this.put(shown, { text: shown });
  }

  /** Takes what is offered; where it has no token, its title is said. */
  choose({ title, tap }: Choice): void {
    if (tap) this.put(title, { tap });
    else this.say(title);
  }

  /** Sends a file, shown at once and uploaded first. */
  send(file: File): void {
    const kind = file.type.startsWith('image/') ? 'picture' : file.type.startsWith('video/') ? 'video' : 'file';
    const url = this.around.preview.of(file);
    const added = this.add(null, null);
    added.file = file;
    added.attachment = { url, kind, name: file.name, size: file.size };
    this.render();
    this.work();
    this.upload(added);
  }

  /** Tries a failed message again, at the end of the conversation, where it is now being said. */
  resend(id: string): void {
    const failed = this.outgoing.find((one) => one.id === id && one.state === 'failed');
    if (!failed) return;
    Object.assign(failed, { state: 'waiting', problem: null, attempts: 0, at: this.around.now() });
    this.outgoing = [...this.outgoing.filter((one) => one !== failed), failed];
    this.keep();
    this.render();
    this.line?.hurry();
    this.work();
    if (!failed.speech) this.upload(failed);
  }

  /** The customer is writing, or has emptied the field. */
  typed(on: boolean): void {
    clearTimeout(this.typedTimer);
    if (on) this.typedTimer = setTimeout(() => this.typed(false), TYPING_ENDS_AFTER_MS);
    const due = this.around.now() - this.typedSaidAt >= TYPING_SAID_EVERY_MS;
    if (!this.synced || (on ? this.isTyping && !due : !this.isTyping)) return;
    this.isTyping = on;
    this.typedSaidAt = this.around.now();
    this.line?.typing(on);
  }

  /** Fetches what was said before the first message that is here. */
  loadEarlier(): void {
    const first = this.said[0]?.id;
    const { connection } = this;
    if (!first || !this.synced) return;
    this.line?.open({ before: first }, (raw) => {
      const answer = fields(raw);
      if (connection !== this.connection || answer?.ok !== true) return;
      this.take(list(answer.messages, readMessage));
      this.update({ hasEarlier: answer.more === true });
    });
  }

  /** Forgets this conversation and begins another. */
  startAnew(): void {
    this.drop();
    this.outgoing = [];
    this.around.keeper.clear();
    this.work();
  }

  /** The device says that it is online again, or the page is looked at again: no need to wait for the next turn. */
  wake(): void {
    if (!this.opened) return;
    this.retryDelay = FIRST_RETRY_MS;
    this.line?.hurry();
    this.work();
  }

  /** Leaves the line; what was said stays on the server, and what waits in the keeper. */
  close(): void {
    this.opened = false;
    this.generation += 1;
    [this.retryTimer, this.renewTimer, this.typingTimer, this.typedTimer].forEach((timer) => clearTimeout(timer));
    this.hangUp();
  }

  // The customer's side

  private put(shown: string, speech: Speech): void {
    this.typed(false);
    this.add(shown, speech);
    this.keep();
    this.render();
    this.work();
  }

  private add(shown: string | null, speech: Speech | null): Outgoing {
    const added: Outgoing = {
      id: this.around.newId(),
      at: this.around.now(),
      shown,
      speech,
      file: null,
      attachment: null,
      state: 'waiting',
      problem: null,
      after: 0,
      attempts: 0,
    };
    this.outgoing.push(added);
    return added;
  }

  private upload(message: Outgoing): void {
    const { file } = message;
    if (!file) return;
    const generation = this.generation;
    this.freshSession()
      .then((session) => this.around.upload(file, session.token))
      .then(
        (upload) => {
          if (generation !== this.generation) return;
          message.speech = { attachment: upload.id };
          this.keep();
          this.pump();
        },
        (error: unknown) => {
          if (generation !== this.generation) return;
          this.fail(message, error instanceof UploadRefused ? error.message : '图片没传上去');
        },
      );
  }

  private fail(message: Outgoing, problem: string): void {
    Object.assign(message, { state: 'failed', problem, after: this.last() });
    this.keep();
    this.render();
  }

  /** Sends the first message that waits; the next goes out when this one is acknowledged, so that they keep their order. */
  private pump(): void {
    const { line } = this;
    if (!this.synced || this.saying !== null || !line || !this.sessionFits()) return;
    const next = this.outgoing.find((one) => one.state === 'waiting' && one.speech);
    if (!next?.speech) return;
    this.saying = next.id;
    next.attempts += 1;
    this.emit(line, next.id, next.speech, (answer) => {
      if (answer?.ok === true) this.acknowledged(next, answer.message);
      else if (answer) this.refusedSpeech(next, text(answer.code), text(answer.message));
      else if (next.attempts >= MOST_ATTEMPTS) this.fail(next, NOT_SENT);
      // No answer at all over a line that seems to be up: it is not.
      else line.restart();
      this.pump();
    });
  }

  private emit(line: Line, id: string, speech: Speech, answered: (answer: ReturnType<typeof fields>) => void): void {
    const { connection } = this;
    let settled = false;
    const settle = (answer: unknown) => {
      if (settled || connection !== this.connection) return;
      settled = true;
      clearTimeout(this.ackTimer);
      this.saying = null;
      answered(answer === null ? null : (fields(answer) ?? {}));
    };
    this.ackTimer = setTimeout(() => settle(null), ACK_WAIT_MS);
    line.say(id, speech, settle);
  }

  private acknowledged(message: Outgoing, raw: unknown): void {
    const written = readMessage(raw);
    if (written) this.take([{ ...written, clientId: message.id }]);
    // It is written, and only its record can say where.
    else this.synchronise();
  }

  private refusedSpeech(message: Outgoing, code: string, words: string): void {
    if (!this.outgoing.includes(message)) return;
    if (SESSION_OVER.has(code)) {
      this.renewNow();
    } else if (PASSING.has(code) && message.attempts < MOST_ATTEMPTS) {
      // It keeps its place: nothing else goes out before it is tried again.
      this.saying = message.id;
      this.ackTimer = setTimeout(() => {
        this.saying = null;
        this.pump();
      }, PASSES_AFTER_MS * message.attempts);
    } else {
      this.fail(message, words || NOT_SENT);
    }
  }

  /** Opens the conversation with an unspoken word that fetches the welcome. */
  private greet(): void {
    const { line } = this;
    if (!this.attended || !this.synced || this.said.length || this.saying !== null || !line) return;
    this.greeting ??= this.around.newId();
    this.saying = this.greeting;
    this.emit(line, this.greeting, { opened: true }, (answer) => {
      const written = readMessage(answer?.message);
      if (written) this.take([written]);
      this.pump();
    });
  }

  // The shop's side

  /** Puts messages where they belong; each is there once, whichever way and however often it comes. */
  private take(messages: readonly Message[]): void {
    const known = new Set(this.said.map(({ id }) => id));
    const fresh = messages.filter(({ id }) => !known.has(id) && known.add(id));
    const arrived = new Set(messages.map(({ clientId }) => clientId));
    const done = this.outgoing.filter(({ id }) => arrived.has(id));
    done.forEach(({ attachment }) => attachment && this.around.preview.end(attachment.url));
    if (!fresh.length && !done.length) return;
    this.said = [...this.said, ...fresh].sort((one, other) => one.id - other.id);
    this.outgoing = this.outgoing.filter((one) => !done.includes(one));
    if (fresh.some(({ author }) => author === 'bot' || author === 'agent')) this.shopTypes(null);
    if (this.attended) this.seen();
    this.keep();
    this.render();
  }

  private shopTypes(author: 'bot' | 'agent' | null): void {
    clearTimeout(this.typingTimer);
    if (author) this.typingTimer = setTimeout(() => this.shopTypes(null), TYPING_SHOWN_MS);
    if (this.snapshot.typing !== author) this.update({ typing: author });
  }

  /** Everything that is here has been looked at. */
  private seen(): void {
    const last = this.said.reduce((highest, { id, author }) => (author === 'customer' ? highest : id), 0);
    const news = last > this.seenTo;
    if (news) this.seenTo = last;
    if (this.synced && this.seenTo > this.readSaid) {
      this.readSaid = this.seenTo;
      this.line?.read(this.seenTo);
    }
    if (news) this.keep();
    if (this.snapshot.unread) this.update({ unread: 0 });
  }

  private last(): number {
    return this.said[this.said.length - 1]?.id ?? 0;
  }

  // The line and the session

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
    const { generation } = this;
    try {
      const session = await this.freshSession();
      if (generation !== this.generation) {
        this.workAgain = true;
        return;
      }
      this.useLine(session);
      this.pump();
    } catch {
      if (generation === this.generation) this.retryLater();
      else this.workAgain = true;
    }
  }

  private sessionFits(): boolean {
    return this.session !== null && this.sessionEntry !== null && sameEntry(this.sessionEntry, this.entry);
  }

  /** The session as it is, or a new one where it ends soon or the customer has gone elsewhere; fetched once for all who ask. */
  private freshSession(): Promise<Session> {
    const now = this.around.now();
    const { session } = this;
    const isFresh =
      session !== null &&
      (session.expiresAt - now > RENEW_BEFORE_MS || now - this.sessionFetchedAt < RENEW_AT_MOST_EVERY_MS);
    if (session && this.sessionFits() && isFresh) return Promise.resolve(session);
    this.fetching ??= this.newSession().finally(() => (this.fetching = null));
    return this.fetching;
  }

  private async newSession(): Promise<Session> {
    const { generation, entry, session } = this;
    const kept = await this.around.keeper.load();
    if (generation !== this.generation) throw new Superseded();
    if (kept && !this.loaded) {
      this.seenTo = kept.seenTo;
      this.outgoing = [...kept.waiting.map(fromWaiting), ...this.outgoing];
      this.conversationId = kept.conversationId;
      this.token = kept.token;
      this.render();
    }
    this.loaded = true;
    // Another tab may have had it renewed in the meantime.
    if (kept?.conversationId === this.conversationId) this.token = kept.token;

    let fetched: Session;
    try {
      fetched = await this.askForSession(entry);
    } catch (error) {
      if (generation !== this.generation) throw new Superseded();
      if (session === null) throw error;
      if (session.expiresAt <= this.around.now()) throw error;
      // One that is good for a while yet is better than none, even if it says that the customer is somewhere else.
      this.sessionEntry = entry;
      this.renewIn(RENEW_AT_MOST_EVERY_MS);
      return session;
    }
    if (generation !== this.generation) throw new Superseded();
    this.useSession(fetched, entry);
    return fetched;
  }

  private async askForSession(entry: Entry): Promise<Session> {
    const wish = {
      entry,
      customer: this.around.customer,
      merchantToken: await this.around.merchantToken().catch(() => null),
      current: this.token,
    };
    try {
      return await this.around.fetchSession(wish);
    } catch (error) {
      // A word of the merchant's that proves nothing makes an unknown visitor, who may ask as well.
      if (!(error instanceof SessionRefused) || !wish.merchantToken) throw error;
      this.around.warn(`the merchant token was refused: ${error.message}`);
      return this.around.fetchSession({ ...wish, merchantToken: null });
    }
  }

  private useSession(fetched: Session, entry: Entry): void {
    if (this.conversationId !== null && this.conversationId !== fetched.conversationId) this.beginUnderAnotherName();
    const { line } = this;
    const renewed = this.token !== fetched.token;
    this.session = fetched;
    this.sessionEntry = entry;
    this.sessionFetchedAt = this.around.now();
    this.conversationId = fetched.conversationId;
    this.token = fetched.token;
    this.keep();
    this.renewIn(Math.max(fetched.expiresAt - this.sessionFetchedAt - RENEW_BEFORE_MS, RENEW_AT_MOST_EVERY_MS));
    if (renewed && line && this.connected) {
      const { connection } = this;
      line.renew(fetched.token, (answer) => {
        if (connection === this.connection && fields(answer)?.ok === false) line.restart();
      });
    }
  }

  private renewIn(delay: number): void {
    clearTimeout(this.renewTimer);
    this.renewTimer = setTimeout(() => {
      this.sessionEntry = null;
      this.work();
    }, delay);
  }

  /** The server will not have our token any more. */
  private renewNow(): void {
    this.session = null;
    this.retryLater();
  }

  /** The server gave us another conversation, as the old one had rested too long: what waits to be said goes there. */
  private beginUnderAnotherName(): void {
    this.said = [];
    this.deliveredTo = this.readTo = this.seenTo = this.readSaid = 0;
    this.greeting = null;
    this.hangUp();
    this.update({ state: 'bot', typing: null, hasEarlier: false });
    this.render();
  }

  private useLine(session: Session): void {
    if (this.line && this.lineUrl === session.rasaUrl) {
      if (!this.connected) this.line.hurry();
      return;
    }
    this.hangUp();
    this.lineUrl = session.rasaUrl;
    this.line = this.around.openLine(session.rasaUrl, () => this.token ?? '', {
      connected: () => {
        this.quieten();
        this.connected = true;
        this.synchronise();
      },
      lost: () => {
        this.quieten();
        this.update({ line: 'lost', typing: null });
      },
      refused: () => {
        this.quieten();
        this.update({ line: 'lost', typing: null });
        this.renewNow();
      },
      message: (raw) => {
        const message = readMessage(raw);
        if (message) this.take([message]);
      },
      typing: (raw) => {
        const from = fields(raw);
        const author = from?.author === 'agent' ? 'agent' : 'bot';
        if (from && from.author !== 'customer') this.shopTypes(from.on === true ? author : null);
      },
      marks: (raw) => this.takeMarks(raw),
      state: (raw) => this.takeState(fields(raw)?.state),
    });
  }

  /** Asks for what was said since; only then is it known what still has to be sent. */
  private synchronise(): void {
    const { line, connection } = this;
    if (!line) return;
    this.synced = false;
    clearTimeout(this.ackTimer);
    this.saying = null;
    this.ackTimer = setTimeout(() => line.restart(), ACK_WAIT_MS);
    const from = this.said.length > OVERLAP ? (this.said[this.said.length - 1 - OVERLAP]?.id ?? 0) : 0;
    const ask = (after: number) =>
      line.open({ after }, (raw) => {
        if (connection !== this.connection) return;
        const answer = fields(raw);
        if (answer?.ok !== true) {
          clearTimeout(this.ackTimer);
          if (SESSION_OVER.has(text(answer?.code))) this.renewNow();
          else this.retryLater();
          return;
        }
        const messages = list(answer.messages, readMessage);
        this.take(messages);
        this.takeMarks(answer.marks);
        this.takeState(answer.state);
        const furthest = messages.reduce((highest, { id }) => Math.max(highest, id), after);
        // From the beginning, the last page comes first; after a message, the next one.
        if (after > 0 && answer.more === true && furthest > after) {
          ask(furthest);
          return;
        }
        clearTimeout(this.ackTimer);
        this.synced = true;
        this.retryDelay = FIRST_RETRY_MS;
        this.update({ line: 'online', ...(after === 0 ? { hasEarlier: answer.more === true } : {}) });
        if (this.attended) this.seen();
        this.greet();
        this.pump();
      });
    ask(from);
  }

  private takeMarks(raw: unknown): void {
    const from = fields(raw);
    this.readTo = Math.max(this.readTo, count(from?.read_to) ?? 0);
    this.deliveredTo = Math.max(this.deliveredTo, count(from?.delivered_to) ?? 0, this.readTo);
    this.render();
  }

  private takeState(raw: unknown): void {
    const state = readState(raw);
    if (state && state !== this.snapshot.state) this.update({ state });
  }

  private retryLater(): void {
    this.update({ line: 'lost' });
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => {
      if (this.connected && this.session && !this.synced) this.synchronise();
      this.work();
    }, this.retryDelay);
    this.retryDelay = Math.min(this.retryDelay * 2, LONGEST_RETRY_MS);
  }

  /** Lets go of the session and of what was said; what is being fetched does not count any more. */
  private drop(): void {
    this.generation += 1;
    this.session = null;
    this.sessionEntry = null;
    this.conversationId = null;
    this.token = null;
    this.loaded = true;
    this.outgoing.forEach(({ attachment }) => attachment && this.around.preview.end(attachment.url));
    clearTimeout(this.renewTimer);
    clearTimeout(this.retryTimer);
    this.beginUnderAnotherName();
  }

  private hangUp(): void {
    this.line?.close();
    this.line = null;
    this.lineUrl = null;
    this.quieten();
  }

  /** Nothing that was under way over this connection counts any more. */
  private quieten(): void {
    this.connection += 1;
    this.connected = false;
    this.synced = false;
    this.saying = null;
    this.readSaid = 0;
    this.isTyping = false;
    clearTimeout(this.ackTimer);
  }

  // What is seen of it

  private render(): void {
    const messages = this.said.flatMap((message) => this.shown(message));
    for (const one of this.outgoing) {
      const place = one.state === 'failed' ? this.said.filter(({ id }) => id <= one.after).length : this.said.length;
      const before = this.said.slice(0, place).flatMap((message) => this.shown(message));
      const at = place === this.said.length ? messages.length : before.length;
      messages.splice(at, 0, {
        from: 'customer',
        key: one.id,
        at: one.at,
        text: one.shown,
        attachment: one.attachment,
        status: one.state === 'failed' ? 'failed' : 'pending',
        problem: one.problem,
      });
    }
    const unread = this.attended
      ? 0
      : this.said.filter(
          (message) =>
            (message.author === 'bot' || message.author === 'agent') && message.id > this.seenTo && isShown(message),
        ).length;
    this.update({ messages, capsules: this.capsules(), unread });
  }

  private shown(message: Message): ChatMessage[] {
    if (!isShown(message)) return [];
    const { id, at, text, attachment, card, image, author, speaker } = message;
    if (author === 'customer') {
      const status = id <= this.readTo ? 'read' : id <= this.deliveredTo ? 'delivered' : 'sent';
      return [{ from: 'customer', key: message.clientId ?? `${id}`, at, text, attachment, status, problem: null }];
    }
    if (author === 'system') return text ? [{ from: 'notice', key: `${id}`, at, text }] : [];
    return [{ from: 'shop', key: `${id}`, author, speaker, at, text, card, image, attachment }];
  }

  /** What the last answer offers, until the customer says something. */
  private capsules(): Choice[] {
    if (this.outgoing.some(({ state }) => state === 'waiting')) return [];
    for (const message of [...this.said].reverse()) {
      if (message.author === 'customer') return [];
      // A person's word ends what the bot offered before it.
      if (message.capsules.length || message.author === 'agent') return message.capsules;
    }
    return [];
  }

  private update(change: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    this.listeners.forEach((listener) => listener());
  }

  private keep(): void {
    if (!this.opened || this.token === null || this.conversationId === null) return;
    const waiting = this.outgoing.flatMap(({ id, at, shown, speech, state, attachment }): Waiting[] =>
      speech ? [{ id, at, shown: shown ?? `[${attachment?.name ?? ''}]`, speech, failed: state === 'failed' }] : [],
    );
    this.around.keeper.save({
      token: this.token,
      conversationId: this.conversationId,
      seenTo: this.seenTo,
      waiting,
    });
  }
}

function fromWaiting({ id, at, shown, speech, failed }: Waiting): Outgoing {
  return {
    id,
    at,
    shown,
    speech,
    file: null,
    attachment: null,
    state: failed ? 'failed' : 'waiting',
    problem: failed ? NOT_SENT : null,
    after: 0,
    attempts: 0,
  };
}
