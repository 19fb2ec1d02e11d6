import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Api } from '../src/desk/api';
import { inOrder, isIn } from '../src/desk/boxes/order';
import { Live, type EventName, type Source } from '../src/desk/live';
import { clock, serverNow, setServerTime } from '../src/desk/serverClock';
import { draftKey, type Shelf } from '../src/desk/shelf';
import { hashOf, placeOf } from '../src/desk/place';
import { DRAFT_SAVED_AFTER_MS, merged, Workbench } from '../src/desk/workbench';
import type { Chat } from '../src/desk/wire';
import { sayIn } from '../src/desk/words';
import { DeskWorld } from './desk/world';

class Drawer implements Shelf {
  kept = new Map<string, string>();
  read = (key: string) => this.kept.get(key) ?? null;
  write = (key: string, value: string | null) => {
    if (value === null) this.kept.delete(key);
    else this.kept.set(key, value);
  };
  keys = () => [...this.kept.keys()];
}

/** A line in the test's hands. */
class Stream implements Source {
  static all: Stream[] = [];
  readyState = 1;
  closed = false;
  readonly url: string;
  private readonly heard = new Map<string, ((event: MessageEvent<string>) => void)[]>();
  constructor(url: string) {
    this.url = url;
    Stream.all.push(this);
  }
  addEventListener(name: string, listener: (event: MessageEvent<string>) => void) {
    this.heard.set(name, [...(this.heard.get(name) ?? []), listener]);
  }
  close() {
    this.closed = true;
    this.readyState = 2;
  }
  emit(name: EventName | 'error', data: unknown = {}, id = '') {
    const event = { data: JSON.stringify(data), lastEventId: id } as MessageEvent<string>;
    this.heard.get(name)?.forEach((listener) => listener(event));
  }
}

let world: DeskWorld;
let drawer: Drawer;
let told: string[];
let alerts: string[];
let ids = 0;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 6) });
  world = new DeskWorld();
  drawer = new Drawer();
  told = [];
  alerts = [];
  Stream.all = [];
});
afterEach(() => vi.useRealTimers());

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const line = () => Stream.all[Stream.all.length - 1]!;

async function bench(focused = true): Promise<Workbench> {
  const api = new Api(world.fetch);
  const me = api.welcome(await api.signIn('xiaoli', world.password));
  const desk = new Workbench(me, {
    api,
    live: (events) => new Live(events, (url) => new Stream(url)),
    shelf: drawer,
    newId: () => `mine-${++ids}`,
    preview: { of: ({ name }) => `blob:${name}`, end: () => undefined },
    alert: ({ kind }) => alerts.push(kind),
    tell: (_, words) => told.push(words),
    words: { draftKept: (name) => `kept for ${name}`, endedDraftKept: () => 'ended' },
    focused: () => focused,
  });
  world.listen((name, data) => line().emit(name as EventName, data));
  desk.start();
  line().emit('hello', { cursor: '0-0', server_time: world.time, resumed: false });
  await settle();
  return desk;
}

async function opened(chat: string): Promise<Workbench> {
  const desk = await bench();
  await desk.load('mine');
  desk.open(chat);
  await settle();
  return desk;
}

const talkOf = (desk: Workbench, chat: string) => desk.getSnapshot().talks[chat]!;
const texts = (desk: Workbench, chat: string) => talkOf(desk, chat).messages.map(({ text }) => text);
const last = (desk: Workbench, chat: string) => texts(desk, chat).slice(-1)[0];

describe('what an agent says', () => {
  it('is shown at once and stands once, whichever of answer and stream comes first', async () => {
    const desk = await opened('wang');
    desk.say('wang', { text: '运费我们出' });
    expect(desk.getSnapshot().outgoing.map(({ text, state }) => [text, state])).toEqual([['运费我们出', 'sending']]);
    await settle();
    expect(desk.getSnapshot().outgoing).toEqual([]);
    expect(texts(desk, 'wang').filter((text) => text === '运费我们出')).toHaveLength(1);
    expect(drawer.keys().filter((key) => key.startsWith('out.'))).toEqual([]);
  });

  it('goes out one after the other, in its order', async () => {
    const desk = await opened('wang');
    for (const text of ['一', '二', '三']) desk.say('wang', { text });
    await settle(10);
    expect(world.said.map(({ text }) => text)).toEqual(['一', '二', '三']);
    expect(texts(desk, 'wang').slice(-3)).toEqual(['一', '二', '三']);
  });

  it('is sent again under the same id after a lost answer, and said once', async () => {
    const desk = await opened('wang');
    world.mute = true;
    const stop = world.listen(() => undefined);
    // The stream is lost, too: nothing brings the line back but the answer.
    line().close();
    desk.say('wang', { text: '在的' });
    await settle(10);
    world.mute = false;
    await settle(1_100);
    stop();
    const rows = (world.messages.get('wang') ?? []).filter(({ text }) => text === '在的');
    expect(rows).toHaveLength(1);
    expect(desk.getSnapshot().outgoing).toEqual([]);
    expect(last(desk, 'wang')).toBe('在的');
  });

  it('survives a reload', async () => {
    const before = await opened('wang');
    world.down = true;
    before.say('wang', { text: '没发出去的' });
    await settle(10);
    before.stop();
    world.down = false;
    const after = await bench();
    await settle(10);
    expect(world.said.map(({ text }) => text)).toEqual(['没发出去的']);
    expect(after.getSnapshot().outgoing).toEqual([]);
  });

  it('goes back into the field when somebody else has the conversation now', async () => {
    const desk = await opened('wang');
    const row = world.chats.get('wang')!;
    world.chats.set('wang', { ...row, agent: { id: 'azhen', name: '阿珍' } });
    desk.write('wang', '还在写');
    desk.say('wang', { text: '已经写好的' });
    await settle(10);
    expect(told).toEqual(['kept for 阿珍']);
    expect(desk.getSnapshot().outgoing).toEqual([]);
    expect(talkOf(desk, 'wang').draft).toBe('已经写好的\n还在写');
    expect(drawer.read(draftKey('1', 'wang'))).toBe('已经写好的\n还在写');
  });

  it('is held back when a colleague has talked meanwhile, and said anyway when wanted', async () => {
    const desk = await opened('wang');
    // Written, and not heard of yet.
    world.messages
      .get('wang')
      ?.push(world.form('wang', 'agent', '我来回', world.time, { agent: 'azhen', name: '阿珍' }));
    desk.say('wang', { text: '运费我们出' });
    await settle(10);
    const [held] = desk.getSnapshot().outgoing;
    expect(held).toMatchObject({ state: 'held', text: '运费我们出' });
    expect(last(desk, 'wang')).toBe('我来回');
    desk.resend(held?.clientId ?? '');
    await settle(10);
    expect(desk.getSnapshot().outgoing).toEqual([]);
    expect(last(desk, 'wang')).toBe('运费我们出');
    expect(world.said[world.said.length - 1]).not.toHaveProperty('seen');
  });
});

describe('the stream', () => {
  it('shows each message once, however often it comes, in the order of ids', async () => {
    const desk = await opened('wang');
    const [first, second] = ['甲', '乙'].map((text) => world.form('wang', 'customer', text));
    line().emit('message', second);
    line().emit('message', first);
    line().emit('message', second);
    expect(texts(desk, 'wang').slice(-2)).toEqual(['甲', '乙']);
  });

  it('asks for suggestions for a new line, though the row tells of it before the line comes', async () => {
    const desk = await opened('wang');
    world.customerSays('wang', '那换吧');
    await settle();
    const talk = desk.getSnapshot().talks.wang;
    expect(talk?.suggestions?.message).toBe(talk?.messages[talk.messages.length - 1]?.id);
  });

  it('counts unread of chats that are not looked at, and starts their clock', async () => {
    const desk = await opened('wang');
    world.customerSays('chen', '在吗');
    const row = desk.getSnapshot().rows.chen;
    expect(row).toMatchObject({ unread: 1, last: { text: '在吗' } });
    expect(row?.waiting_since).not.toBeNull();
    expect(alerts).toEqual(['message']);
    expect(world.marks.some(({ chat }) => chat === 'chen')).toBe(false);
  });

  it('counts more than a list or a chat that was asked for before and comes after', async () => {
    const desk = await opened('wang');
    const asked = [desk.load('mine'), desk.loadTalk('chen')];
    line().emit('message', world.form('chen', 'customer', '在吗'));
    await settle();
    await Promise.all(asked);
    expect(desk.getSnapshot().rows.chen).toMatchObject({ unread: 1, last: { text: '在吗' } });
  });

  it('shows a chat as it was asked for last, whichever answer comes last', async () => {
    const desk = await opened('wang');
    const now = await desk.api.chat('wang');
    const answers: ((chat: typeof now) => void)[] = [];
    desk.api.chat = () => new Promise((resolve) => answers.push(resolve));
    const asked = [desk.loadTalk('wang'), desk.loadTalk('wang')];
    answers[1]!({ ...now, may: { send: true } });
    answers[0]!({ ...now, may: { claim: true } });
    await Promise.all(asked);
    expect(talkOf(desk, 'wang').may).toEqual({ send: true });
  });

  it('answers pings with a heartbeat', async () => {
    const desk = await opened('wang');
    line().emit('ping', { server_time: world.time });
    await settle();
    expect(world.asked).toContain('POST /heartbeat');
    desk.stop();
  });

  it('goes on behind its cursor after a refusal, and is given up for dead after silence', async () => {
    const desk = await bench();
    line().emit('ping', {}, '7-3');
    const first = line();
    first.readyState = 2;
    first.emit('error');
    expect(desk.getSnapshot().line).toBe('lost');
    await settle(1_000);
    expect(line()).not.toBe(first);
    expect(line().url).toContain('after=7-3');
    const second = line();
    await settle(52_000);
    expect(second.closed).toBe(true);
    expect(line()).not.toBe(second);
  });

  it('loads everything anew when it could not resume', async () => {
    const desk = await opened('wang');
    world.messages.get('wang')?.push(world.form('wang', 'customer', '断线时说的'));
    line().emit('reset', { why: 'too far behind' });
    await settle();
    expect(last(desk, 'wang')).toBe('断线时说的');
  });

  it('tells who has taken a chat that was on the screen', async () => {
    const desk = await opened('wang');
    line().emit('chat_gone', { chat: 'wang', why: 'transferred', by: { id: 'azhen', name: '阿珍' } });
    await settle();
    expect(talkOf(desk, 'wang').gone).toEqual({ why: 'transferred', by: '阿珍' });
    line().emit('chat_gone', { chat: 'chen', why: 'claimed', by: null });
    expect(desk.getSnapshot().rows.chen).toBeUndefined();
  });
});

describe('drafts', () => {
  it('are kept here at once and on the server a moment later', async () => {
    const desk = await opened('wang');
    desk.write('wang', '写到一半');
    expect(drawer.read(draftKey('1', 'wang'))).toBe('写到一半');
    expect(world.drafts.get('wang')).toBeUndefined();
    await settle(DRAFT_SAVED_AFTER_MS);
    expect(world.drafts.get('wang')).toMatchObject({ text: '写到一半', version: 1 });
  });

  it('of another window are asked about and never overwritten', async () => {
    const desk = await opened('wang');
    world.drafts.set('wang', { text: '另一个窗口写的', version: 3, updated_at: world.time });
    desk.write('wang', '这里写的');
    await settle(DRAFT_SAVED_AFTER_MS);
    expect(talkOf(desk, 'wang').otherDraft?.text).toBe('另一个窗口写的');
    expect(world.drafts.get('wang')?.text).toBe('另一个窗口写的');
    desk.chooseDraft('wang', false);
    await settle(DRAFT_SAVED_AFTER_MS);
    expect(world.drafts.get('wang')).toMatchObject({ text: '这里写的', version: 4 });
  });
});

describe('lists', () => {
  it('put a claimed chat among mine and tell who was faster', async () => {
    const desk = await bench();
    await desk.load('queue');
    await desk.move('zhou', 'claim');
    expect(isIn(desk.getSnapshot().rows.zhou!, 'mine', 'xiaoli')).toBe(true);
    world.colleagueClaims('sun');
    await expect(desk.move('sun', 'claim')).rejects.toMatchObject({ code: 'taken' });
  });

  it('drop what is no longer in them', async () => {
    const desk = await bench();
    await desk.load('queue');
    const row = world.chats.get('sun')!;
    world.chats.set('sun', { ...row, hand_off_state: 'closed', state: 'closed' });
    await desk.load('queue');
    expect(Object.values(desk.getSnapshot().rows).some(({ id }) => id === 'sun')).toBe(false);
  });

  it('are read to their end where somebody wants all of it, and again after a break', async () => {
    const desk = await bench();
    const row = world.chats.get('sun')!;
    for (let each = 0; each < 7; each += 1) world.chats.set(`more-${each}`, { ...row, id: `more-${each}` });
    world.aPage = 3;
    const waiting = () => Object.values(desk.getSnapshot().rows).filter((chat) => isIn(chat, 'queue', 'xiaoli')).length;
    const all = [...world.chats.values()].filter((chat) => isIn(chat, 'queue', 'xiaoli')).length;
    await desk.load('queue', true);
    expect(waiting()).toBe(all);
    line().emit('reset', { why: 'too far behind' });
    await settle();
    expect(waiting()).toBe(all);
  });

  it('go on where their last page ended, whichever row is shown last', async () => {
    const desk = await bench();
    world.aPage = 1;
    await desk.load('queue');
    const { next } = desk.getSnapshot().boxes.queue;
    expect(next).not.toBeNull();
    await desk.loadMore('queue');
    expect(desk.getSnapshot().boxes.queue.next).not.toBe(next);
  });

  it('put those first whose turn it is, the longest wait on top', () => {
    const chat = (id: string, waits: string | null, said: string) =>
      ({ id, waiting_since: waits, last: { at: said } }) as unknown as Chat;
    const rows = [
      chat('quiet', null, '2026-11-22T05:00:00Z'),
      chat('new', '2026-11-22T05:59:00Z', '2026-11-22T05:59:00Z'),
      chat('old', '2026-11-22T05:40:00Z', '2026-11-22T05:58:00Z'),
    ];
    expect(inOrder(rows, 'mine').map(({ id }) => id)).toEqual(['old', 'new', 'quiet']);
  });
});

describe('small things', () => {
  it('counts by the server’s time', () => {
    setServerTime(new Date(Date.now() + 3_600_000).toISOString());
    expect(serverNow() - Date.now()).toBe(3_600_000);
    expect([clock(45), clock(754), clock(7300), clock(-3)]).toEqual(['0:45', '12:34', '2:01:40', '0:00']);
  });

  it('finds its way back to a page', () => {
    for (const place of [
      { page: 'chats', chat: 'a/b 中' },
      { page: 'staff', chat: null },
      { page: 'chats', chat: null },
    ] as const) {
      expect(placeOf(hashOf(place))).toEqual(place);
    }
    expect(placeOf('#/chat/%E0%A4%A')).toEqual({ page: 'chats', chat: null });
  });

  it('fills words in', () => {
    expect(sayIn('zh')('takenBy', '阿珍')).toBe('阿珍 已经接了');
    expect(sayIn('en')('takenBy', '$& Lin')).toBe('$& Lin has taken it');
  });

  it('merges pages, the later word about a message counting', () => {
    const [one, two] = [world.form('wang', 'bot', '一'), world.form('wang', 'bot', '二')];
    expect(merged([two], [one, { ...two, state: 'read' }]).map(({ id, state }) => [id, state])).toEqual([
      [one.id, 'received'],
      [two.id, 'read'],
    ]);
  });
});
