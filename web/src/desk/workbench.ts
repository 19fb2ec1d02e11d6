/**
 * The workbench's state: lists, conversations, what is on its way, and the line over which all of it stays true.
 *
 * It knows nothing of React. Pages look at immutable snapshots; the server decides what was said, in which order, and
 * whose a conversation is. What an agent says is shown at once and reconciled by its `client_id`, with the answer or with
 * the stream, whichever comes first; until then it is kept over reloads and goes out one after the other.
 */

import { type Api, codeOf, Refused, type Saying } from './api';
import { isIn } from './boxes/order';
import type { EventName, Live } from './live';
import { serverNow, setServerTime } from './serverClock';
import { draftKey, dropOutgoing, keepOutgoing, keptOutgoing, type Outgoing, type Shelf } from './shelf';
import type {
  Agent,
  Alert,
  Box,
  Chat,
  Counts,
  DeskMessage,
  Draft,
  Group,
  Looker,
  May,
  Me,
  Note,
  OpenedChat,
  Packet,
  Presence,
  Rating,
  Suggestions,
} from './wire';

/** One list, as far as it was fetched; `next` is where it goes on. */
export interface BoxState {
  loaded: boolean;
  whole: boolean;
  next: string | null;
  problem: Error | null;
}

/** Who else says something, or is about to, in the conversation. */
export interface Typist {
  who: string;
  name: string;
}

/** A conversation that was opened on this screen. */
export interface Talk {
  loaded: boolean;
  problem: Error | null;
  messages: readonly DeskMessage[];
  more: boolean;
  loadingMore: boolean;
  /** Reads the customer's earlier conversations as well. */
  wide: boolean;
  packet: Packet | null;
  notes: readonly Note[];
  lookers: readonly Looker[];
  typists: readonly Typist[];
  may: May;
  deliveredTo: number;
  readTo: number;
  draft: string;
  /** What another window has written meanwhile, until somebody says which counts. */
  otherDraft: Draft | null;
  suggestions: Suggestions | null;
  rating: Rating | null;
  /** Grows when what stands beside the conversation should be read anew. */
  beside: number;
  /** It has left this agent's lists: where to, and by whom. */
  gone: { why: string; by: string | null } | null;
}

export interface Snapshot {
  me: Me;
  line: 'starting' | 'online' | 'lost';
  /** Another window took this one's place on the line. */
  replaced: boolean;
  rows: Readonly<Record<string, Chat>>;
  boxes: Readonly<Record<Box, BoxState>>;
  counts: Counts;
  agents: readonly Agent[];
  open: string | null;
  talks: Readonly<Record<string, Talk>>;
  outgoing: readonly Outgoing[];
}

export interface Surroundings {
  api: Api;
  live: (events: {
    event(name: EventName, data: Record<string, unknown>): void;
    line(state: 'online' | 'lost'): void;
  }) => Live;
  shelf: Shelf;
  newId(): string;
  preview: { of(file: File): string; end(url: string): void };
  /** Rings and notifies. */
  alert(alert: Alert): void;
  /** Tells the agent in a line what has happened. */
  tell(kind: 'info' | 'warning' | 'error', words: string): void;
  /** The words for things that happen without the server saying so. */
  words: Readonly<Record<'draftKept' | 'endedDraftKept', (name: string) => string>>;
  /** Whether somebody looks at the page. */
  focused(): boolean;
}

export type Hearer = (name: EventName, data: Readonly<Record<string, unknown>>) => void;

const MOST_A_PAGE = 200;
const EMPTY_BOX: BoxState = { loaded: false, whole: false, next: null, problem: null };
const EMPTY_TALK: Talk = {
  loaded: false,
  problem: null,
  messages: [],
  more: false,
  loadingMore: false,
  wide: false,
  packet: null,
  notes: [],
  lookers: [],
  typists: [],
  may: {},
  deliveredTo: 0,
  readTo: 0,
  draft: '',
  otherDraft: null,
  suggestions: null,
  rating: null,
  beside: 0,
  gone: null,
};

export const DRAFT_SAVED_AFTER_MS = 800;
const TYPING_SAID_EVERY_MS = 3_000;
const TYPING_ENDS_AFTER_MS = 5_000;
const TYPING_SHOWN_MS = 6_500;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;

type Timer = ReturnType<typeof setTimeout>;

export class Workbench {
  private snapshot: Snapshot;
  private readonly listeners = new Set<() => void>();
  private readonly hearers = new Set<Hearer>();
  private readonly around: Surroundings;
  private readonly live: Live;
  private readonly files = new Map<string, File>();
  private readonly sending = new Set<string>();
  private readonly delays = new Map<string, number>();
  private readonly retries = new Map<string, Timer>();
  private readonly draftTimers = new Map<string, Timer>();
  private readonly draftVersions = new Map<string, number>();
  private readonly typingEnds = new Map<string, Timer>();
  private readonly ids = new Set<string>();
  /** Counts what the stream has told, so that an answer that was asked for before is known to be older. */
  private heard = 0;
  private readonly heardOf = new Map<string, number>();
  private heardCounts = 0;
  /** Counts what was asked for of conversations, and of each the last question that was answered. */
  private asked = 0;
  private readonly answered = new Map<string, number>();
  private typingSaidAt = 0;
  private typingTimer: Timer | undefined;
  private typingIn: string | null = null;
  private readSaid = new Map<string, number>();
  private stopped = false;

  constructor(me: Me, around: Surroundings) {
    this.around = around;
    setServerTime(me.server_time);
    this.snapshot = {
      me,
      line: 'starting',
      replaced: false,
      rows: {},
      boxes: { queue: EMPTY_BOX, left: EMPTY_BOX, mine: EMPTY_BOX, all: EMPTY_BOX, done: EMPTY_BOX },
      counts: { queue: 0, left: 0, mine: 0, unread: 0, all: null },
      agents: [],
      open: null,
      talks: {},
      outgoing: keptOutgoing(around.shelf, this.accountOf(me)),
    };
    this.live = around.live({
      event: (name, data) => this.take(name, data),
      line: (line) => this.update({ line }),
    });
  }

  /** For pages that follow what happens by themselves; returns how to stop. */
  hear = (hearer: Hearer): (() => void) => {
    this.hearers.add(hearer);
    return () => void this.hearers.delete(hearer);
  };

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getSnapshot = (): Snapshot => this.snapshot;

  get api(): Api {
    return this.around.api;
  }

  start(): void {
    this.stopped = false;
    this.live.start();
    for (const chat of new Set(this.snapshot.outgoing.map((one) => one.chat))) this.pump(chat);
  }

  stop(): void {
    this.stopped = true;
    this.live.stop();
    [...this.retries.values(), ...this.draftTimers.values(), ...this.typingEnds.values()].forEach(clearTimeout);
    clearTimeout(this.typingTimer);
  }

  /** The network is back, or somebody looks again. */
  wake(): void {
    this.live.hurry();
    this.markRead();
    for (const chat of new Set(this.snapshot.outgoing.map((one) => one.chat))) this.pump(chat);
  }

  has(permission: string): boolean {
    return this.snapshot.me.permissions.includes(permission);
  }

  // Lists

  /** Reads a list anew: its first page, or the whole of it, which it stays when it is read again. */
  async load(box: Box, whole = this.snapshot.boxes[box].whole): Promise<void> {
    const asked = this.heard;
    try {
      const list = await this.api.chats(box, whole ? { limit: MOST_A_PAGE } : {});
      while (whole && list.next) {
        const page = await this.api.chats(box, { limit: MOST_A_PAGE, before: list.next });
        Object.assign(list, page, { chats: [...list.chats, ...page.chats] });
      }
      const rows: Record<string, Chat> = {};
      // What is no longer in the list has left it, but for what was heard while the list was on its way.
      for (const chat of Object.values(this.snapshot.rows)) {
        const isNewer = (this.heardOf.get(chat.id) ?? 0) > asked;
        if (isNewer || !isIn(chat, box, this.agentId) || chat.id === this.snapshot.open) rows[chat.id] = chat;
      }
      Object.assign(rows, this.notHeardSince(asked, list.chats));
      this.update({
        rows,
        counts: this.heardCounts > asked ? this.snapshot.counts : list.counts,
        boxes: this.boxes(box, { loaded: true, whole, next: list.next, problem: null }),
      });
    } catch (error) {
      this.update({ boxes: this.boxes(box, { problem: error as Error }) });
    }
  }

  /** The rows of an answer, without those of which the stream has told something newer meanwhile. */
  private notHeardSince(asked: number, chats: readonly Chat[]): Record<string, Chat> {
    return Object.fromEntries(
      chats.filter(({ id }) => (this.heardOf.get(id) ?? 0) <= asked).map((chat) => [chat.id, chat]),
    );
  }

  async loadMore(box: Box): Promise<void> {
    const asked = this.heard;
    const before = this.snapshot.boxes[box].next;
    if (!before) return;
    try {
      const list = await this.api.chats(box, { before });
      const rows = { ...this.snapshot.rows, ...this.notHeardSince(asked, list.chats) };
      this.update({ rows, boxes: this.boxes(box, { next: list.next }) });
    } catch (error) {
      this.complain(error);
    }
  }

  /** Takes rows that came otherwise, such as those that were searched for. */
  know(chats: readonly Chat[]): void {
    const rows = { ...this.snapshot.rows };
    for (const chat of chats) rows[chat.id] = chat;
    this.update({ rows });
  }

  async loadAgents(): Promise<readonly Agent[]> {
    const agents = await this.api.agents();
    this.update({ agents });
    return agents;
  }

  // Conversations

  open(chat: string | null): void {
    const before = this.snapshot.open;
    if (before === chat) return;
    if (before) {
      this.typed(before, false);
      void this.api.tell(before, 'looking', { on: false }).catch(() => undefined);
    }
    this.update({ open: chat });
    if (!chat) return;
    this.talk(chat, { gone: null });
    void this.loadTalk(chat);
    void this.api.tell(chat, 'looking', { on: true }).catch(() => undefined);
  }

  async loadTalk(chat: string): Promise<void> {
    const asked = this.heard;
    const turn = ++this.asked;
    try {
      const opened = await this.api.chat(chat);
      // Answers may overtake each other: the one that was asked for last counts.
      if (turn < (this.answered.get(chat) ?? 0)) return;
      this.answered.set(chat, turn);
      this.takeOpened(chat, opened, asked);
    } catch (error) {
      if (turn >= (this.answered.get(chat) ?? 0)) this.talk(chat, { problem: error as Error });
    }
  }

  private takeOpened(chat: string, opened: OpenedChat, asked: number): void {
    const known = this.snapshot.talks[chat] ?? EMPTY_TALK;
    const newest = opened.messages[0]?.id ?? 0;
    // A page that does not reach what is here already leaves a gap: then it counts alone.
    const joins = known.messages.some(({ id }) => id >= newest);
    const messages = joins ? merged(known.messages, opened.messages) : opened.messages;
    const served = opened.draft ?? { text: '', version: 0, updated_at: null };
    const kept = this.around.shelf.read(draftKey(this.account, chat));
    this.draftVersions.set(chat, served.version);
    this.update({ rows: { ...this.snapshot.rows, ...this.notHeardSince(asked, [opened.chat]) } });
    this.talk(chat, {
      loaded: true,
      problem: null,
      messages,
      more: joins ? known.more : opened.more,
      packet: opened.packet,
      notes: opened.notes,
      lookers: this.others(opened.looking),
      may: opened.may,
      draft: kept ?? served.text,
      beside: known.beside + 1,
    });
    this.settle(messages);
    this.markRead();
    this.askSuggestions(chat);
    void this.api.rating(chat).then(
      (rating) => this.talk(chat, { rating }),
      () => undefined,
    );
  }

  /** Fetches what was said before; with `wide`, in the customer's earlier conversations as well. */
  async loadEarlier(chat: string, wide = false): Promise<void> {
    const talk = this.snapshot.talks[chat];
    if (!talk || talk.loadingMore || (!talk.more && !wide)) return;
    this.talk(chat, { loadingMore: true });
    try {
      const page = await this.api.messages(chat, {
        before: talk.messages[0]?.id,
        span: wide || talk.wide ? 'customer' : 'conversation',
      });
      const now = this.snapshot.talks[chat] ?? talk;
      this.talk(chat, {
        messages: merged(page.messages, now.messages),
        more: page.more,
        loadingMore: false,
        wide: now.wide || wide,
      });
    } catch (error) {
      this.talk(chat, { loadingMore: false });
      this.complain(error);
    }
  }

  /** Everything since, after a lost line: page by page from the last message that is here. */
  private async catchUp(chat: string): Promise<void> {
    const talk = this.snapshot.talks[chat];
    if (!talk?.loaded) return this.loadTalk(chat);
    return this.loadTalk(chat);
  }

  /** Claims, transfers, closes …; the row that comes back counts at once. */
  async move(chat: string, what: string, body: Record<string, unknown> = {}): Promise<Chat> {
    try {
      const { chat: row } = await this.api.move(chat, what, body);
      this.takeRow(row);
      if (this.snapshot.open === chat) void this.loadTalk(chat);
      return row;
    } catch (error) {
      if (codeOf(error) === 'taken' || codeOf(error) === 'not_yours') void this.loadTalk(chat);
      throw error;
    }
  }

  async next(): Promise<Chat | null> {
    const answer = await this.api.next();
    if (!answer) return null;
    this.takeRow(answer.chat);
    return answer.chat;
  }

  async setPresence(state: Presence, anyway = false): Promise<void> {
    const agent = await this.api.presence(state, anyway);
    this.update({ me: { ...this.snapshot.me, agent } });
  }

  async changeMe(change: Record<string, unknown>): Promise<void> {
    this.update({ me: await this.api.changeMe(change) });
  }

  async addNote(chat: string, text: string, about: 'chat' | 'customer'): Promise<void> {
    this.takeNote(chat, await this.api.note(chat, text, about));
  }

  // What the agent says

  say(chat: string, saying: Partial<Pick<Outgoing, 'text' | 'card' | 'quickReply' | 'suggestion'>>, file?: File): void {
    const talk = this.snapshot.talks[chat];
    const clientId = this.around.newId();
    const one: Outgoing = {
      clientId,
      chat,
      at: serverNow(),
      text: saying.text ?? '',
      attachment: null,
      card: saying.card ?? null,
      quickReply: saying.quickReply ?? null,
      suggestion: saying.suggestion ?? null,
      seen: talk?.messages[talk.messages.length - 1]?.id ?? null,
      state: 'sending',
      problem: null,
      preview: file ? this.around.preview.of(file) : null,
    };
    if (file) this.files.set(clientId, file);
    keepOutgoing(this.around.shelf, this.account, one);
    this.update({ outgoing: [...this.snapshot.outgoing, one] });
    this.typed(chat, false);
    this.pump(chat);
  }

  /** Says it once more; what was held back because somebody else had written goes out anyway. */
  resend(clientId: string): void {
    const one = this.outgoing(clientId);
    if (!one) return;
    this.change({ ...one, seen: one.state === 'held' ? null : one.seen, state: 'sending', problem: null });
    this.pump(one.chat);
  }

  /** Takes a line back into the field. */
  unsay(clientId: string): void {
    const one = this.outgoing(clientId);
    if (!one) return;
    this.remove(one);
    if (one.text) this.write(one.chat, joined(this.snapshot.talks[one.chat]?.draft ?? '', one.text));
    this.pump(one.chat);
  }

  private pump(chat: string): void {
    if (this.sending.has(chat) || this.retries.has(chat) || this.stopped) return;
    const one = this.snapshot.outgoing.find((each) => each.chat === chat && each.state !== 'failed');
    if (one?.state !== 'sending') return;
    this.sending.add(chat);
    void this.send(one).then((again) => {
      this.sending.delete(chat);
      if (again === null) {
        this.delays.delete(chat);
        this.pump(chat);
        return;
      }
      const delay = Math.max(again, this.delays.get(chat) ?? FIRST_RETRY_MS);
      this.delays.set(chat, Math.min(delay * 2, LONGEST_RETRY_MS));
      this.retries.set(
        chat,
        setTimeout(() => {
          this.retries.delete(chat);
          this.pump(chat);
        }, delay),
      );
    });
  }

  /** Sends one line; the milliseconds after which it is to be tried again, or null when it is settled. */
  private async send(first: Outgoing): Promise<number | null> {
    let one = first;
    try {
      const file = this.files.get(one.clientId);
      if (file && !one.attachment) {
        one = { ...one, attachment: await this.api.upload(one.chat, file) };
        this.change(one);
      }
      const saying: Saying = {
        client_id: one.clientId,
        ...(one.text ? { text: one.text } : {}),
        ...(one.attachment ? { attachment: one.attachment } : {}),
        ...(one.card ? { card: one.card } : {}),
        ...(one.quickReply === null ? {} : { quick_reply: one.quickReply }),
        ...(one.suggestion === null ? {} : { suggestion: one.suggestion }),
        ...(one.seen === null ? {} : { seen: one.seen }),
      };
      this.takeMessage(await this.api.say(one.chat, saying));
      return null;
    } catch (error) {
      return this.notSent(one, error);
    }
  }

  private notSent(one: Outgoing, error: unknown): number | null {
    // Meanwhile the stream has brought it: it was said.
    if (!this.outgoing(one.clientId)) return null;
    if (!(error instanceof Refused)) return FIRST_RETRY_MS;
    if (error.passes) return Number(error.extra.retry_after ?? 0) * 1000;
    if (error.code === 'talked_meanwhile') {
      const messages = Array.isArray(error.extra.messages) ? (error.extra.messages as DeskMessage[]) : [];
      this.takeMessages(one.chat, messages);
      this.change({ ...one, state: 'held', problem: error.message });
      return null;
    }
    if (error.code === 'not_yours' || error.code === 'ended') {
      // Nothing of what was written is lost: all of it goes back into the field.
      const waiting = this.snapshot.outgoing.filter((each) => each.chat === one.chat);
      for (const each of waiting) this.remove(each);
      const kept = waiting.map((each) => each.text).filter(Boolean);
      this.write(one.chat, [...kept, this.snapshot.talks[one.chat]?.draft ?? ''].filter(Boolean).join('\n'));
      const by = (error.extra.by as { name?: string } | undefined)?.name;
      this.around.tell(
        'warning',
        error.code === 'not_yours' && by ? this.around.words.draftKept(by) : this.around.words.endedDraftKept(''),
      );
      void this.loadTalk(one.chat);
      return null;
    }
    if (error.status === 401) return LONGEST_RETRY_MS;
    this.change({ ...one, state: 'failed', problem: error.message });
    return null;
  }

  // Drafts and typing

  /** The field's text changed. */
  write(chat: string, text: string): void {
    this.talk(chat, { draft: text });
    this.around.shelf.write(draftKey(this.account, chat), text || null);
    clearTimeout(this.draftTimers.get(chat));
    this.draftTimers.set(
      chat,
      setTimeout(() => void this.saveDraft(chat), DRAFT_SAVED_AFTER_MS),
    );
  }

  private async saveDraft(chat: string): Promise<void> {
    const text = this.snapshot.talks[chat]?.draft ?? '';
    try {
      const saved = await this.api.draft(chat, text, this.draftVersions.get(chat) ?? 0);
      this.draftVersions.set(chat, saved.version);
    } catch (error) {
      const other = error instanceof Refused && error.code === 'draft_changed' ? (error.extra.draft as Draft) : null;
      if (!other) return;
      this.draftVersions.set(chat, other.version);
      if (other.text && other.text !== text) this.talk(chat, { otherDraft: other });
      else void this.saveDraft(chat);
    }
  }

  /** Which of two drafts counts. */
  chooseDraft(chat: string, theirs: boolean): void {
    const other = this.snapshot.talks[chat]?.otherDraft;
    if (!other) return;
    this.draftVersions.set(chat, other.version);
    this.talk(chat, { otherDraft: null });
    this.write(chat, theirs ? other.text : (this.snapshot.talks[chat]?.draft ?? ''));
  }

  /** Somebody types here, or stops. */
  typed(chat: string, on: boolean): void {
    clearTimeout(this.typingTimer);
    const tell = (state: boolean) => void this.api.tell(chat, 'typing', { on: state }).catch(() => undefined);
    if (!on) {
      if (this.typingIn === chat) tell(false);
      this.typingIn = null;
      this.typingSaidAt = 0;
      return;
    }
    this.typingTimer = setTimeout(() => this.typed(chat, false), TYPING_ENDS_AFTER_MS);
    if (this.typingIn === chat && Date.now() - this.typingSaidAt < TYPING_SAID_EVERY_MS) return;
    this.typingIn = chat;
    this.typingSaidAt = Date.now();
    tell(true);
  }

  // What is heard

  private take(name: EventName, data: Record<string, unknown>): void {
    const chat = typeof data.chat === 'string' ? data.chat : '';
    if (typeof data.server_time === 'string') setServerTime(data.server_time);
    this.hearers.forEach((each) => each(name, data));
    switch (name) {
      case 'hello':
        if (data.resumed !== true) this.reload();
        else if (this.snapshot.open) void this.loadTalk(this.snapshot.open);
        this.wakeOutgoing();
        break;
      case 'reset':
        this.reload();
        break;
      case 'ping':
        void this.api.heartbeat(this.around.focused(), this.snapshot.open).catch(() => undefined);
        break;
      case 'message':
        this.takeMessage(data as unknown as DeskMessage);
        break;
      case 'marks':
        this.takeMarks(chat, Number(data.delivered_to ?? 0), Number(data.read_to ?? 0));
        break;
      case 'chat':
        this.takeRow(data as unknown as Chat);
        break;
      case 'chat_gone':
        this.takeGone(
          chat,
          typeof data.why === 'string' ? data.why : '',
          (data.by as { name?: string } | null) ?? null,
        );
        break;
      case 'queue':
        this.takeQueue(data);
        break;
      case 'place':
        this.takePlaces(data.chats);
        break;
      case 'alert':
        this.around.alert(data as unknown as Alert);
        break;
      case 'typing':
        this.takeTyping(chat, String(data.who), typeof data.name === 'string' ? data.name : '', data.on === true);
        break;
      case 'looking':
        if (this.snapshot.talks[chat]) this.talk(chat, { lookers: this.others((data.lookers ?? []) as Looker[]) });
        break;
      case 'draft':
        this.takeDraft(chat, data as unknown as Draft);
        break;
      case 'suggestions':
        // Only that they are ready: the answers are asked for by the window that shows the conversation.
        this.askSuggestions(chat, true);
        break;
      case 'note':
        this.takeNote(chat, data.note as Note);
        break;
      case 'rating':
        this.talk(chat, { rating: (data.rating as Rating | null) ?? null });
        break;
      case 'presence':
        this.takePresence(data as unknown as Agent);
        break;
      case 'signed_out':
        this.api.onSignedOut();
        break;
      case 'closed':
        this.update({ replaced: true, line: 'lost' });
        break;
    }
  }

  private reload(): void {
    const { boxes, open } = this.snapshot;
    const wanted = (Object.keys(boxes) as Box[]).filter((box) => boxes[box].loaded || boxes[box].problem);
    for (const box of wanted.length ? wanted : (['queue', 'mine'] as const)) void this.load(box);
    if (open) void this.catchUp(open);
  }

  private wakeOutgoing(): void {
    for (const [chat, timer] of this.retries) {
      clearTimeout(timer);
      this.retries.delete(chat);
    }
    for (const chat of new Set(this.snapshot.outgoing.map((one) => one.chat))) this.pump(chat);
  }

  private takeMessage(message: DeskMessage): void {
    this.takeMessages(message.chat, [message]);
  }

  private takeMessages(chat: string, messages: readonly DeskMessage[]): void {
    this.settle(messages);
    const talk = this.snapshot.talks[chat];
    const fresh = messages.filter(({ id, chat: where }) => !this.ids.has(`${where}/${id}`) && this.isNew(chat, id));
    for (const { id, chat: where } of messages) this.ids.add(`${where}/${id}`);
    if (talk?.loaded) {
      const spoken = new Set(messages.map(({ author, agent }) => (author === 'agent' ? agent : author)));
      this.talk(chat, {
        messages: merged(talk.messages, messages),
        typists: talk.typists.filter(({ who }) => !spoken.has(who)),
      });
    }
    for (const message of fresh) this.takeIntoRow(message);
    // The row may have told of the message already: what is asked for goes by the last line, not by what is fresh.
    if (messages.some(({ author }) => author === 'customer')) this.askSuggestions(chat);
    this.markRead();
  }

  private isNew(chat: string, id: number): boolean {
    const last = this.snapshot.rows[chat]?.last?.id ?? 0;
    return id > last;
  }

  /** The row's last line and its clocks, ahead of the row that follows. */
  private takeIntoRow(message: DeskMessage): void {
    this.heardOf.set(message.chat, ++this.heard);
    const row = this.snapshot.rows[message.chat];
    if (!row) return;
    const isTheirs = message.author === 'customer';
    const isSeen = this.snapshot.open === message.chat && this.around.focused();
    const text = message.text ?? message.card_text ?? message.attachment?.name ?? '';
    this.update({
      rows: {
        ...this.snapshot.rows,
        [row.id]: {
          ...row,
          last: { id: message.id, author: message.author, text, kind: message.kind, at: message.at },
          unread: isTheirs && !isSeen ? row.unread + 1 : row.unread,
          waiting_since: isTheirs
            ? (row.waiting_since ?? message.at)
            : message.author === 'agent'
              ? null
              : row.waiting_since,
          first_reply_due: message.author === 'agent' ? null : row.first_reply_due,
        },
      },
    });
  }

  /** What was on its way and is in the record now. */
  private settle(messages: readonly DeskMessage[]): void {
    const said = new Set(messages.flatMap(({ client_id }) => client_id ?? []));
    for (const one of this.snapshot.outgoing) if (said.has(one.clientId)) this.remove(one);
  }

  private takeMarks(chat: string, delivered: number, read: number): void {
    const talk = this.snapshot.talks[chat];
    if (!talk) return;
    this.talk(chat, {
      deliveredTo: Math.max(talk.deliveredTo, delivered, read),
      readTo: Math.max(talk.readTo, read),
    });
  }

  private takeRow(chat: Chat): void {
    this.heardOf.set(chat.id, ++this.heard);
    const before = this.snapshot.rows[chat.id];
    const isSeen = this.snapshot.open === chat.id && this.around.focused();
    this.update({ rows: { ...this.snapshot.rows, [chat.id]: isSeen ? { ...chat, unread: 0 } : chat } });
    if (this.snapshot.talks[chat.id]) this.talk(chat.id, { gone: null });
    const changed = before && (before.state !== chat.state || before.agent?.id !== chat.agent?.id);
    if (changed && this.snapshot.open === chat.id) void this.loadTalk(chat.id);
  }

  private takeGone(chat: string, why: string, by: { name?: string } | null): void {
    this.heardOf.set(chat, ++this.heard);
    if (this.snapshot.talks[chat]) {
      this.talk(chat, { gone: { why, by: by?.name ?? null } });
      if (this.snapshot.open === chat) {
        void this.loadTalk(chat).then(() => this.talk(chat, { gone: { why, by: by?.name ?? null } }));
        return;
      }
    }
    const rows = { ...this.snapshot.rows };
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete rows[chat];
    this.update({ rows });
  }

  private takeQueue(data: Record<string, unknown>): void {
    if (data.counts) this.heardCounts = ++this.heard;
    if (data.counts) this.update({ counts: { ...this.snapshot.counts, ...(data.counts as Counts) } });
    if (Array.isArray(data.groups)) this.update({ me: { ...this.snapshot.me, groups: data.groups as Group[] } });
  }

  private takePlaces(places: unknown): void {
    if (!Array.isArray(places)) return;
    const rows = { ...this.snapshot.rows };
    for (const { chat, position, expected_wait } of places as {
      chat: string;
      position: number;
      expected_wait: number | null;
    }[]) {
      const row = rows[chat];
      if (row) rows[chat] = { ...row, position, expected_wait };
    }
    this.update({ rows });
  }

  private takeTyping(chat: string, who: string, name: string, on: boolean): void {
    const talk = this.snapshot.talks[chat];
    if (!talk || who === this.agentId) return;
    const others = talk.typists.filter((each) => each.who !== who);
    this.talk(chat, { typists: on ? [...others, { who, name }] : others });
    const key = `${chat}/${who}`;
    clearTimeout(this.typingEnds.get(key));
    if (on)
      this.typingEnds.set(
        key,
        setTimeout(() => this.takeTyping(chat, who, name, false), TYPING_SHOWN_MS),
      );
  }

  private takeDraft(chat: string, draft: Draft): void {
    if (draft.version <= (this.draftVersions.get(chat) ?? 0)) return;
    const talk = this.snapshot.talks[chat];
    if (!talk) return;
    const isDirty = talk.draft !== '' && talk.draft !== draft.text && this.typingIn === chat;
    if (isDirty) {
      this.talk(chat, { otherDraft: draft });
      return;
    }
    this.draftVersions.set(chat, draft.version);
    this.around.shelf.write(draftKey(this.account, chat), draft.text || null);
    this.talk(chat, { draft: draft.text });
  }

  private takeSuggestions(chat: string, suggestions: Suggestions): void {
    const talk = this.snapshot.talks[chat];
    if (!talk) return;
    const newest = lastOfCustomer(talk.messages);
    if (newest === null || suggestions.message >= newest) this.talk(chat, { suggestions });
  }

  private askSuggestions(chat: string, again = false): void {
    const talk = this.snapshot.talks[chat];
    const message = talk && this.snapshot.open === chat ? lastOfCustomer(talk.messages) : null;
    if (!talk || message === null || !talk.may.send) return;
    if (talk.suggestions?.message === message && !(again && talk.suggestions.pending)) return;
    this.talk(chat, { suggestions: { message, answers: [], next: [], pending: true } });
    void this.api.suggestions(chat, message).then(
      (suggestions) => this.takeSuggestions(chat, suggestions),
      () => this.talk(chat, { suggestions: null }),
    );
  }

  dropSuggestions(chat: string): void {
    const message = this.snapshot.talks[chat]?.suggestions?.message;
    if (message !== undefined) this.talk(chat, { suggestions: { message, answers: [], next: [] } });
  }

  private takeNote(chat: string, note: Note): void {
    const talk = this.snapshot.talks[chat];
    if (talk && !talk.notes.some(({ id }) => id === note.id)) this.talk(chat, { notes: [...talk.notes, note] });
  }

  private takePresence(agent: Agent): void {
    const { me, agents } = this.snapshot;
    if (me.agent?.id === agent.id) this.update({ me: { ...me, agent } });
    const known = agents.some(({ id }) => id === agent.id);
    this.update({ agents: known ? agents.map((each) => (each.id === agent.id ? agent : each)) : [...agents, agent] });
  }

  /** Tells up to where the agent has read, when they look at it. */
  markRead(): void {
    const { open, talks, rows } = this.snapshot;
    const talk = open ? talks[open] : undefined;
    if (!open || !talk?.loaded || !this.around.focused()) return;
    const last = talk.messages[talk.messages.length - 1]?.id ?? 0;
    const row = rows[open];
    if (row?.unread) this.update({ rows: { ...rows, [open]: { ...row, unread: 0 } } });
    if (!talk.may.send || last <= (this.readSaid.get(open) ?? 0)) return;
    this.readSaid.set(open, last);
    void this.api.tell(open, 'read', { to: last }).catch(() => this.readSaid.delete(open));
  }

  // Small things

  private get agentId(): string | null {
    return this.snapshot.me.agent?.id ?? null;
  }

  private get account(): string {
    return this.accountOf(this.snapshot.me);
  }

  private accountOf(me: Me): string {
    return String(me.account.id);
  }

  private others(lookers: readonly Looker[]): Looker[] {
    return lookers.filter(({ agent }) => agent !== this.agentId);
  }

  private boxes(box: Box, change: Partial<BoxState>): Snapshot['boxes'] {
    return { ...this.snapshot.boxes, [box]: { ...this.snapshot.boxes[box], ...change } };
  }

  private outgoing(clientId: string): Outgoing | undefined {
    return this.snapshot.outgoing.find((one) => one.clientId === clientId);
  }

  private change(one: Outgoing): void {
    if (!this.outgoing(one.clientId)) return;
    keepOutgoing(this.around.shelf, this.account, one);
    this.update({ outgoing: this.snapshot.outgoing.map((each) => (each.clientId === one.clientId ? one : each)) });
  }

  private remove(one: Outgoing): void {
    dropOutgoing(this.around.shelf, this.account, one.clientId);
    this.files.delete(one.clientId);
    if (one.preview) this.around.preview.end(one.preview);
    this.update({ outgoing: this.snapshot.outgoing.filter(({ clientId }) => clientId !== one.clientId) });
  }

  private talk(chat: string, change: Partial<Talk>): void {
    const { talks } = this.snapshot;
    this.update({ talks: { ...talks, [chat]: { ...(talks[chat] ?? EMPTY_TALK), ...change } } });
  }

  private complain(error: unknown): void {
    this.around.tell('error', error instanceof Error ? error.message : String(error));
  }

  private update(change: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    this.listeners.forEach((listener) => listener());
  }
}

function lastOfCustomer(messages: readonly DeskMessage[]): number | null {
  return messages.reduce<number | null>(
    (last, { author, id, kind }) => (author === 'customer' && kind !== 'opened' ? id : last),
    null,
  );
}

function joined(before: string, text: string): string {
  return before ? `${before}\n${text}` : text;
}

/** Both together, each message once, in the order of their ids; what came later about a message counts. */
export function merged(one: readonly DeskMessage[], other: readonly DeskMessage[]): DeskMessage[] {
  const found = new Map<number, DeskMessage>();
  for (const message of [...one, ...other]) found.set(message.id, message);
  return [...found.values()].sort((first, second) => first.id - second.id);
}
