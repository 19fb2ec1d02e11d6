import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ACK_WAIT_MS, type Conversation } from '../src/chat/conversation';
import { keeperOf, readKept, writeKept } from '../src/chat/keeper';
import { UploadRefused } from '../src/chat/upload';
import { HALF_AN_HOUR, World } from './world';

const SHOP = { kind: 'shop' } as const;

let world: World;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 3) });
  world = new World();
});
afterEach(() => vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);

async function opened(attended = true): Promise<Conversation> {
  const conversation = world.conversation();
  conversation.open(SHOP);
  conversation.attend(attended);
  await world.connect();
  return conversation;
}

/** Opened and welcomed. */
async function welcomed(): Promise<Conversation> {
  const conversation = await opened();
  world.bot('您好～', [{ title: '查订单', tap: 't1' }]);
  return conversation;
}

const texts = (conversation: Conversation) =>
  conversation.getSnapshot().messages.map((one) => ('text' in one ? one.text : null));
const statuses = (conversation: Conversation) =>
  conversation.getSnapshot().messages.flatMap((one) => (one.from === 'customer' ? one.status : []));

describe('opening', () => {
  it('asks for the welcome once, unseen, as soon as somebody looks', async () => {
    const conversation = await opened(false);
    expect(world.says).toHaveLength(0);
    conversation.attend(true);
    expect(world.spoken).toEqual([null]);
    world.bot('您好～', [{ title: '查订单', tap: 't1' }]);
    conversation.attend(false);
    conversation.attend(true);
    conversation.open(SHOP);
    await settle();
    expect(world.spoken).toEqual([null]);
    expect(texts(conversation)).toEqual(['您好～']);
    expect(conversation.getSnapshot()).toMatchObject({ line: 'online', capsules: [{ title: '查订单', tap: 't1' }] });
  });

  it('does not ask for it where something was said already', async () => {
    world.put({ author: 'bot', text: '您上次问的裤子到货啦' });
    const conversation = await opened();
    expect(world.spoken).toEqual([]);
    expect(texts(conversation)).toEqual(['您上次问的裤子到货啦']);
  });

  it('asks for it again under the same id when the answer was lost', async () => {
    world.acknowledges = false;
    await opened();
    world.lose();
    await world.connect();
    expect(world.spoken).toEqual([null, null]);
    expect(world.says[0]?.id).toBe(world.says[1]?.id);
  });

  it('tells the token at every connection, and another one after a refusal', async () => {
    await welcomed();
    world.lose();
    await world.refuse('expired');
    await vi.advanceTimersByTimeAsync(1_100);
    expect(world.hurries).toBeGreaterThan(0);
    await world.connect();
    expect(world.tokens).toEqual(['token1', 'token2']);
    expect(world.wishes[1]).toMatchObject({ current: 'token1' });
  });

  it('does not storm a server that refuses every token', async () => {
    await welcomed();
    for (let second = 0; second < 60; second += 1) {
      await world.refuse('invalid');
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(world.wishes.length).toBeLessThan(12);
  });
});

describe('messages', () => {
  it('are shown once, however often they come', async () => {
    const conversation = await welcomed();
    const row = world.bot('一次');
    world.deliver(row);
    world.lose();
    await world.connect();
    expect(texts(conversation)).toEqual(['您好～', '一次']);
  });

  it('stand in the order of their ids, in whichever order they come', async () => {
    const conversation = await welcomed();
    const [first, second, third] = ['一', '二', '三'].map((text) => world.put({ author: 'bot', text }));
    [third, first, second].forEach((row) => world.deliver(row));
    expect(texts(conversation)).toEqual(['您好～', '一', '二', '三']);
  });

  it('of the customer take the place that the server gave them', async () => {
    const conversation = await welcomed();
    world.acknowledges = false;
    conversation.say('我问的');
    await settle();
    const mine = world.write(world.says[1]?.id ?? '', { text: '我问的' });
    world.bot('抢在确认前的回答');
    expect(texts(conversation)).toEqual(['您好～', '抢在确认前的回答', '我问的']);
    world.says[1]?.answer({ ok: true, message: mine });
    expect(texts(conversation)).toEqual(['您好～', '我问的', '抢在确认前的回答']);
    expect(statuses(conversation)).toEqual(['sent']);
  });

  it('that cannot be read are left out', async () => {
    const conversation = await welcomed();
    [null, 'x', {}, { id: 'a', author: 'bot', text: 'x' }, { id: 9, author: 'nobody', text: 'x' }].forEach((raw) =>
      world.deliver(raw),
    );
    expect(texts(conversation)).toEqual(['您好～']);
  });

  it('from before the last page are fetched when wanted', async () => {
    world.pageSize = 3;
    for (let number = 1; number <= 8; number += 1) world.put({ author: 'bot', text: `${number}` });
    const conversation = await opened();
    expect(texts(conversation)).toEqual(['6', '7', '8']);
    expect(conversation.getSnapshot().hasEarlier).toBe(true);
    conversation.loadEarlier();
    conversation.loadEarlier();
    expect(texts(conversation)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    expect(conversation.getSnapshot().hasEarlier).toBe(false);
  });
});

describe('after a lost line', () => {
  it('everything since is fetched, page by page', async () => {
    const conversation = await welcomed();
    for (let number = 0; number < 12; number += 1) world.bot(`之前${number}`);
    world.lose();
    world.pageSize = 5;
    for (let number = 0; number < 12; number += 1) world.put({ author: 'bot', text: `之后${number}` });
    await world.connect();
    expect(texts(conversation)).toHaveLength(25);
    expect(new Set(texts(conversation)).size).toBe(25);
    // Not from the beginning.
    expect(world.opens.slice(1).every((place) => 'after' in place && place.after > 0)).toBe(true);
  });

  it('a message that was written late, under a lower id, is not missed', async () => {
    const conversation = await welcomed();
    for (let number = 0; number < 15; number += 1) world.bot(`${number}`);
    const skipped = (world.rows[world.rows.length - 1]?.id ?? 0) + 1;
    world.deliver(world.put({ id: skipped + 1, author: 'bot', text: '后写的先到' }));
    world.lose();
    world.put({ id: skipped, author: 'bot', text: '先编号的后到' });
    await world.connect();
    expect(texts(conversation).slice(-2)).toEqual(['先编号的后到', '后写的先到']);
  });

  it('a message that comes before the history does not make the gap forgotten', async () => {
    const conversation = await welcomed();
    world.lose();
    world.put({ author: 'bot', text: '断线时说的' });
    // The room is joined before the history is asked for.
    world.bot('刚连上就来的');
    await world.connect();
    expect(texts(conversation)).toEqual(['您好～', '断线时说的', '刚连上就来的']);
  });

  it('what waited goes out, in its order, each under its first id', async () => {
    const conversation = await welcomed();
    world.acknowledges = false;
    conversation.say('第一句');
    conversation.say('第二句');
    await settle();
    expect(world.spoken).toEqual([null, '第一句']);
    world.lose();
    expect(conversation.getSnapshot().line).toBe('lost');
    conversation.say('第三句');
    await settle();
    world.acknowledges = true;
    await world.connect();
    expect(world.spoken).toEqual([null, '第一句', '第一句', '第二句', '第三句']);
    expect(world.says[2]?.id).toBe(world.says[1]?.id);
    expect(texts(conversation)).toEqual(['您好～', '第一句', '第二句', '第三句']);
    expect(world.rows.filter(({ author }) => author === 'customer')).toHaveLength(4);
    world.lose();
    await world.connect();
    expect(world.says).toHaveLength(5);
  });

  it('what the server has is not sent again, even if its acknowledgement was lost', async () => {
    const conversation = await welcomed();
    world.acknowledges = false;
    conversation.say('到了没确认');
    await settle();
    world.write(world.says[1]?.id ?? '', { text: '到了没确认' });
    world.lose();
    await world.connect();
    expect(world.spoken).toEqual([null, '到了没确认']);
    expect(statuses(conversation)).toEqual(['sent']);
  });

  it('an answer that belongs to the line before counts for nothing', async () => {
    const conversation = await welcomed();
    world.acknowledges = false;
    conversation.say('在吗');
    await settle();
    const late = world.says[1];
    world.lose();
    late?.answer({ ok: false, code: 'too_long', message: '太长了' });
    await settle();
    expect(statuses(conversation)).toEqual(['pending']);
  });
});

describe('saying', () => {
  it('goes on one after the other', async () => {
    const conversation = await welcomed();
    world.acknowledges = false;
    conversation.say('甲');
    conversation.say('乙');
    await settle();
    expect(world.spoken).toEqual([null, '甲']);
    const first = world.says[1];
    first?.answer({ ok: true, message: world.write(first.id, first.speech) });
    expect(world.spoken).toEqual([null, '甲', '乙']);
  });

  it('sends the token of what was tapped and shows its title', async () => {
    const conversation = await welcomed();
    world.acknowledges = false;
    const capsule = conversation.getSnapshot().capsules[0];
    if (!capsule) throw new Error('no capsule');
    conversation.choose(capsule);
    await settle();
    expect(world.says[1]?.speech).toEqual({ tap: 't1' });
    expect(texts(conversation)).toEqual(['您好～', '查订单']);
    expect(conversation.getSnapshot().capsules).toEqual([]);
    conversation.choose({ title: '没有令牌', tap: null });
    expect(texts(conversation).slice(-1)).toEqual(['没有令牌']);
  });

  it('tries a line that gives no answer anew, and gives up in the end', async () => {
    const conversation = await welcomed();
    world.acknowledges = false;
    conversation.say('有人吗');
    await settle();
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(statuses(conversation)).toEqual(['pending']);
      await vi.advanceTimersByTimeAsync(ACK_WAIT_MS + 1);
      expect(world.restarts).toBe(Math.min(attempt, 2));
      if (attempt < 3) await world.connect();
    }
    expect(statuses(conversation)).toEqual(['failed']);
    expect(new Set(world.says.slice(1).map(({ id }) => id)).size).toBe(1);

    world.acknowledges = true;
    const failed = conversation.getSnapshot().messages.slice(-1)[0];
    conversation.resend(failed?.key ?? '');
    await settle();
    expect(statuses(conversation)).toEqual(['sent']);
    expect(world.rows.filter(({ text }) => text === '有人吗')).toHaveLength(1);
  });

  it('shows at once what the server refuses, with its words, and goes on with the next', async () => {
    const conversation = await welcomed();
    world.refusals = [{ code: 'too_long', message: '这条有点长，拆成两条发吧' }];
    conversation.say('很长很长');
    conversation.say('短的');
    await settle();
    expect(conversation.getSnapshot().messages.slice(1)).toMatchObject([
      { text: '很长很长', status: 'failed', problem: '这条有点长，拆成两条发吧' },
      { text: '短的', status: 'sent' },
    ]);
  });

  it('tries again by itself what is only too fast, keeping the order', async () => {
    const conversation = await welcomed();
    world.refusals = [{ code: 'too_fast', message: '您发得有点快' }];
    conversation.say('快');
    conversation.say('更快');
    await settle();
    expect(statuses(conversation)).toEqual(['pending', 'pending']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(world.spoken).toEqual([null, '快', '快', '更快']);
    expect(statuses(conversation)).toEqual(['sent', 'sent']);
  });

  it('gets another session when the server says that this one is over', async () => {
    const conversation = await welcomed();
    world.refusals = [{ code: 'expired', message: '会话已过期' }];
    conversation.say('在吗');
    await settle();
    expect(statuses(conversation)).toEqual(['pending']);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(world.wishes).toHaveLength(2);
    expect(statuses(conversation)).toEqual(['sent']);
  });

  it('a failed line stays where it failed, and is said anew at the end', async () => {
    const conversation = await welcomed();
    world.refusals = [{ code: 'too_long', message: '太长了' }];
    conversation.say('失败的');
    await settle();
    conversation.say('后来的');
    await settle();
    world.bot('回答');
    expect(texts(conversation)).toEqual(['您好～', '失败的', '后来的', '回答']);
    conversation.resend(conversation.getSnapshot().messages[1]?.key ?? '');
    await settle();
    expect(texts(conversation)).toEqual(['您好～', '后来的', '回答', '失败的']);
  });

  it('leaves blank lines and cuts endless ones', async () => {
    const conversation = await welcomed();
    conversation.say('   ');
    conversation.say('长'.repeat(3_000));
    await settle();
    expect(world.says).toHaveLength(2);
    expect(world.spoken[1]).toHaveLength(1_000);
  });
});

describe('pictures', () => {
  const photo = { name: 'a.png', type: 'image/png', size: 3 } as File;

  it('are shown at once, uploaded, then said', async () => {
    const conversation = await welcomed();
    conversation.send(photo);
    conversation.say('这件有吗');
    await settle();
    expect(conversation.getSnapshot().messages.slice(1)).toMatchObject([
      { status: 'sent', text: '这件有吗' },
      { status: 'pending', attachment: { url: 'https://here/a.png', kind: 'picture' } },
    ]);
    world.uploads[0]?.settle('u1');
    await settle();
    expect(world.says.slice(-1)).toMatchObject([{ speech: { attachment: 'u1' } }]);
  });

  it('that the server will not have say why, and can be tried again', async () => {
    const conversation = await welcomed();
    conversation.send(photo);
    await settle();
    world.uploads[0]?.refuse(new UploadRefused('图片太大了'));
    await settle();
    const failed = conversation.getSnapshot().messages.slice(-1)[0];
    expect(failed).toMatchObject({ status: 'failed', problem: '图片太大了' });
    conversation.resend(failed?.key ?? '');
    await settle();
    world.uploads[1]?.settle('u2');
    await settle();
    expect(world.spoken.slice(-1)).toEqual(['u2']);
  });
});

describe('marks, typing and state', () => {
  it('marks go forward only', async () => {
    const conversation = await welcomed();
    conversation.say('甲');
    conversation.say('乙');
    await settle();
    const [first, second] = world.rows.filter(({ text }) => text === '甲' || text === '乙');
    world.emit('marks', { delivered_to: second?.id, read_to: first?.id });
    expect(statuses(conversation)).toEqual(['read', 'delivered']);
    world.emit('marks', { delivered_to: 1, read_to: 1 });
    world.emit('marks', { delivered_to: 'x' });
    expect(statuses(conversation)).toEqual(['read', 'delivered']);
  });

  it('says what was seen, and only while somebody looks', async () => {
    const conversation = await welcomed();
    const seen = world.rows[1]?.id;
    expect(world.reads.slice(-1)).toEqual([seen]);
    conversation.attend(false);
    world.bot('您的快递到了');
    expect(conversation.getSnapshot().unread).toBe(1);
    expect(world.reads.slice(-1)).toEqual([seen]);
    conversation.attend(true);
    expect(conversation.getSnapshot().unread).toBe(0);
    expect(world.reads.slice(-1)).toEqual([world.rows[2]?.id]);
  });

  it('remembers what was seen over a reload, and counts what came since', async () => {
    const before = await welcomed();
    before.close();
    world.put({ author: 'agent', text: '您好，我是小林' });
    world.put({ author: 'system', text: '人工客服已接入' });
    const conversation = await opened(false);
    expect(conversation.getSnapshot().unread).toBe(1);
  });

  it('shows who types, until something is said or for long enough', async () => {
    const conversation = await welcomed();
    world.emit('typing', { on: true, author: 'agent' });
    expect(conversation.getSnapshot().typing).toBe('agent');
    world.bot('好的');
    expect(conversation.getSnapshot().typing).toBeNull();
    world.emit('typing', { on: true, author: 'bot' });
    await vi.advanceTimersByTimeAsync(21_000);
    expect(conversation.getSnapshot().typing).toBeNull();
    world.emit('typing', { on: true, author: 'customer' });
    expect(conversation.getSnapshot().typing).toBeNull();
  });

  it('tells that the customer types, now and then', async () => {
    const conversation = await welcomed();
    conversation.typed(true);
    conversation.typed(true);
    expect(world.typings).toEqual([true]);
    await vi.advanceTimersByTimeAsync(3_100);
    conversation.typed(true);
    expect(world.typings).toEqual([true, true]);
    await vi.advanceTimersByTimeAsync(5_100);
    expect(world.typings).toEqual([true, true, false]);
  });

  it('knows who answers', async () => {
    const conversation = await welcomed();
    world.emit('state', { state: 'assigned' });
    expect(conversation.getSnapshot().state).toBe('assigned');
    world.emit('state', { state: 'asleep' });
    expect(conversation.getSnapshot().state).toBe('assigned');
  });

  it('offers capsules of the last answer only, until the customer speaks', async () => {
    const conversation = await welcomed();
    world.bot('还有这些');
    expect(conversation.getSnapshot().capsules).toHaveLength(1);
    conversation.say('不用了');
    await settle();
    expect(conversation.getSnapshot().capsules).toEqual([]);
    world.bot('好的');
    expect(conversation.getSnapshot().capsules).toEqual([]);
    world.bot('还想问什么', [{ title: '查物流', tap: 't2' }]);
    world.deliver(world.put({ author: 'agent', text: '您好，我是小林' }));
    expect(conversation.getSnapshot().capsules).toEqual([]);
  });
});

describe('the session', () => {
  it('is renewed before it ends, and the line is told', async () => {
    await welcomed();
    await vi.advanceTimersByTimeAsync(HALF_AN_HOUR - 60_000);
    expect(world.wishes).toHaveLength(2);
    expect(world.wishes[1]).toMatchObject({ current: 'token1' });
    expect(world.renewals).toEqual(['token2']);
  });

  it('goes along when the customer goes elsewhere, before they say anything there', async () => {
    const conversation = await welcomed();
    conversation.open({ kind: 'product', productNo: 'GZ2101' });
    conversation.say('什么面料');
    expect(world.says).toHaveLength(1);
    await settle();
    expect(world.wishes[1]).toMatchObject({ entry: { kind: 'product', productNo: 'GZ2101' }, current: 'token1' });
    expect(world.spoken.slice(-1)).toEqual(['什么面料']);
    expect(world.linesOpened).toBe(1);
  });

  it('that cannot be renewed just now is used as long as it is good', async () => {
    const conversation = await welcomed();
    world.sessionIsDown = true;
    conversation.open({ kind: 'product', productNo: 'GZ2101' });
    conversation.say('什么面料');
    await settle();
    expect(world.spoken.slice(-1)).toEqual(['什么面料']);
    world.sessionIsDown = false;
    await vi.advanceTimersByTimeAsync(31_000);
    expect(world.wishes.slice(-1)).toMatchObject([{ entry: { kind: 'product' } }]);
    expect(conversation.getSnapshot().line).toBe('online');
  });

  it('is asked for again, later and later, when there is none', async () => {
    world.sessionIsDown = true;
    const conversation = world.conversation();
    conversation.open(SHOP);
    conversation.attend(true);
    await settle();
    expect(conversation.getSnapshot().line).toBe('lost');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.wishes.length).toBeLessThan(9);
    world.sessionIsDown = false;
    await vi.advanceTimersByTimeAsync(16_000);
    await world.connect();
    expect(conversation.getSnapshot().line).toBe('online');
  });

  it('begins as a visitor when the merchant token proves nothing', async () => {
    world.merchantToken = 'a.b.c';
    world.refusesMerchantToken = true;
    const conversation = await opened();
    expect(conversation.getSnapshot().line).toBe('online');
    expect(world.wishes.map(({ merchantToken }) => merchantToken)).toEqual(['a.b.c', null]);
    expect(world.warnings).toEqual(['the merchant token was refused: bad kid']);
  });

  it('takes the token that another tab was given', async () => {
    const conversation = await welcomed();
    world.stored = writeKept({ token: 'of-the-other-tab', conversationId: 'c1', seenTo: 0, waiting: [] });
    conversation.open({ kind: 'order', orderNo: null });
    await settle();
    expect(world.wishes.slice(-1)).toMatchObject([{ current: 'of-the-other-tab' }]);
  });
});

describe('a reload', () => {
  it('goes on where it stopped, and sends what waited', async () => {
    const before = await welcomed();
    world.lose();
    before.say('先记着');
    before.close();
    const conversation = await opened();
    expect(world.wishes.slice(-1)).toMatchObject([{ current: 'token1' }]);
    expect(texts(conversation)).toEqual(['您好～', '先记着']);
    expect(world.spoken).toEqual([null, '先记着']);
  });

  it('keeps nothing of what was said but what waits', async () => {
    const conversation = await welcomed();
    conversation.say('我的手机号是13800001234');
    await settle();
    expect(world.stored).not.toContain('13800001234');
    expect(world.stored).not.toContain('您好');
  });

  it('begins anew when the conversation is another, and takes along what waited', async () => {
    const before = await welcomed();
    world.lose();
    before.say('还没发出');
    before.close();
    world.conversationId = 'c2';
    world.rows = [];
    const conversation = await opened();
    expect(world.spoken.slice(-2)).toEqual([null, '还没发出']);
    expect(texts(conversation)).toEqual(['还没发出']);
  });

  it('begins anew in the middle when the server gives another conversation', async () => {
    const conversation = await welcomed();
    world.conversationId = 'c2';
    world.rows = [];
    await vi.advanceTimersByTimeAsync(HALF_AN_HOUR);
    await world.connect();
    expect(texts(conversation)).toEqual([]);
    expect(world.linesOpened).toBe(2);
  });

  it('leaves everything behind when the customer starts anew', async () => {
    const conversation = await welcomed();
    world.conversationId = 'c2';
    world.rows = [];
    conversation.startAnew();
    await world.connect();
    expect(world.wishes.slice(-1)).toMatchObject([{ current: null }]);
    expect(world.linesOpened).toBe(2);
    world.bot('您好，又见面了');
    expect(texts(conversation)).toEqual(['您好，又见面了']);
  });

  it('writes nothing any more once it is closed', async () => {
    const conversation = await welcomed();
    conversation.close();
    world.stored = null;
    world.deliver(world.put({ author: 'bot', text: '迟到的' }));
    expect(world.stored).toBeNull();
  });
});

describe('what is kept', () => {
  const KEPT = { token: 't', conversationId: 'c', seenTo: 4, waiting: [] };

  it('is read back with care', () => {
    for (const broken of [null, '', '{', '[]', '{"version":1,"token":"t","conversationId":"c"}']) {
      expect(readKept(broken)).toBeNull();
    }
    const waiting = [
      { id: 'a', at: 1, shown: '在吗', speech: { text: '在吗' } },
      { id: 'b', at: 1, shown: 'x', speech: { payload: '/restart' } },
      { id: 'c', speech: { text: 'x' } },
      null,
    ];
    expect(readKept(JSON.stringify({ version: 2, ...KEPT, waiting }))).toEqual({
      ...KEPT,
      waiting: [{ id: 'a', at: 1, shown: '在吗', speech: { text: '在吗' }, failed: false }],
    });
  });

  it('is each person’s own, and goes along with a visitor who signs in', async () => {
    const drawers = new Map<string, string>();
    const store = {
      load: (key: string) => Promise.resolve(drawers.get(key) ?? null),
      save: (key: string, value: string | null) => {
        if (value === null) drawers.delete(key);
        else drawers.set(key, value);
      },
    };
    const visitor = keeperOf('visitor', store);
    visitor.save(KEPT);
    expect(await keeperOf('demo.C001', store).load()).toBeNull();
    expect(await keeperOf('customer.7', store, 'visitor').load()).toEqual(KEPT);
    expect(await visitor.load()).toBeNull();
    expect(await keeperOf('customer.7', store, 'visitor').load()).toEqual(KEPT);
    expect(await keeperOf('customer.8', store, 'visitor').load()).toBeNull();
  });
});
