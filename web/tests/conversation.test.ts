import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatContext, ContextWish } from '../src/chat/context';
import { Conversation, REPLY_WAIT_MS } from '../src/chat/conversation';
import { readKept, writeKept, type KeptConversation } from '../src/chat/keeper';
import type { LineEvents, Utterance } from '../src/chat/line';

const HALF_AN_HOUR = 30 * 60_000;

/** A world of its own: contexts, a line and a drawer, all in the test's hands. */
class World {
  wishes: ContextWish[] = [];
  contextIsDown = false;
  conversationId = 'c1';
  uttered: { utterance: Utterance; acknowledge: (accepted: boolean) => void }[] = [];
  sessions: string[] = [];
  linesOpened = 0;
  line: LineEvents | null = null;
  stored: string | null = null;
  private ids = 0;

  conversation(): Conversation {
    return new Conversation({
      customer: null,
      fetchContext: (wish): Promise<ChatContext> => {
        this.wishes.push(wish);
        if (this.contextIsDown) return Promise.reject(new Error('down'));
        return Promise.resolve({
          conversationId: this.conversationId,
          token: `token${this.wishes.length}`,
          rasaUrl: 'http://bot',
          expiresAt: Date.now() + HALF_AN_HOUR,
        });
      },
      openLine: (_url, events) => {
        this.line = events;
        this.linesOpened += 1;
        return {
          requestSession: (id) => this.sessions.push(id),
          utter: (utterance, acknowledge) => this.uttered.push({ utterance, acknowledge }),
          hurry: () => undefined,
          close: () => undefined,
        };
      },
      keeper: {
        load: () => readKept(this.stored),
        save: (kept: KeptConversation) => (this.stored = writeKept(kept)),
        clear: () => (this.stored = null),
      },
      newId: () => `id${++this.ids}-${this.linesOpened}`,
      now: () => Date.now(),
    });
  }

  async online(): Promise<void> {
    await vi.advanceTimersByTimeAsync(0);
    this.line?.connected();
    this.line?.confirmed();
    await vi.advanceTimersByTimeAsync(0);
  }

  get messages(): string[] {
    return this.uttered.map(({ utterance }) => utterance.message);
  }

  answerAll(): void {
    this.uttered.forEach(({ acknowledge }) => acknowledge(true));
    this.line?.replied({ text: '您好～', buttons: [{ title: '查订单' }] });
  }
}

async function opened(world: World): Promise<Conversation> {
  const conversation = world.conversation();
  conversation.open({ kind: 'shop' });
  await world.online();
  world.answerAll();
  return conversation;
}

const statuses = (conversation: Conversation) =>
  conversation.getSnapshot().messages.flatMap((message) => ('status' in message ? message.status : []));

describe('Conversation', () => {
  let world: World;

  beforeEach(() => {
    vi.useFakeTimers();
    world = new World();
  });
  afterEach(() => vi.useRealTimers());

  it('greets once, unseen, and shows the welcome', async () => {
    const conversation = await opened(world);
    expect(world.messages).toEqual(['/greet']);
    expect(world.sessions).toEqual(['c1']);
    expect(conversation.getSnapshot()).toMatchObject({
      line: 'online',
      typing: false,
      capsules: [{ title: '查订单' }],
    });
    conversation.open({ kind: 'shop' });
    await vi.advanceTimersByTimeAsync(0);
    expect(world.messages).toEqual(['/greet']);
    conversation.close();
  });

  it('sends what waited when the line is back, and what was not acknowledged again under its id', async () => {
    const conversation = await opened(world);
    conversation.say('第一句');
    await vi.advanceTimersByTimeAsync(0);
    world.line?.lost();
    conversation.say('第二句');
    await vi.advanceTimersByTimeAsync(0);
    expect(world.messages).toEqual(['/greet', '第一句']);
    await world.online();
    expect(world.messages).toEqual(['/greet', '第一句', '第一句', '第二句']);
    expect(world.uttered[2]?.utterance.id).toBe(world.uttered[1]?.utterance.id);
    world.answerAll();
    expect(statuses(conversation)).toEqual(['sent', 'sent', 'sent']);
    world.line?.lost();
    await world.online();
    expect(world.messages).toHaveLength(4);
    conversation.close();
  });

  it('takes a reply for an acknowledgement where the server gives none', async () => {
    const conversation = await opened(world);
    conversation.say('甲');
    conversation.say('乙');
    await vi.advanceTimersByTimeAsync(0);
    world.line?.replied({ text: '答甲' });
    expect(statuses(conversation)).toEqual(['sent', 'sent', 'pending']);
    conversation.close();
  });

  it('gives up on a silent server, and sends again when asked to', async () => {
    const conversation = await opened(world);
    conversation.say('在吗');
    await vi.advanceTimersByTimeAsync(REPLY_WAIT_MS + 1);
    expect(statuses(conversation)).toEqual(['sent', 'failed']);
    const failed = conversation.getSnapshot().messages.find((one) => 'status' in one && one.status === 'failed');
    conversation.resend(failed?.id ?? '');
    await vi.advanceTimersByTimeAsync(0);
    expect(world.messages).toEqual(['/greet', '在吗', '在吗']);
    conversation.close();
  });

  it('shows at once what the server refuses', async () => {
    const conversation = await opened(world);
    conversation.say('在吗');
    await vi.advanceTimersByTimeAsync(0);
    world.uttered[1]?.acknowledge(false);
    expect(statuses(conversation)).toEqual(['sent', 'failed']);
    expect(conversation.getSnapshot().typing).toBe(false);
    conversation.close();
  });

  it('says so when a message arrived and nothing came back', async () => {
    const conversation = await opened(world);
    conversation.say('在吗');
    await vi.advanceTimersByTimeAsync(0);
    world.uttered[1]?.acknowledge(true);
    await vi.advanceTimersByTimeAsync(REPLY_WAIT_MS + 1);
    expect(conversation.getSnapshot().messages.slice(-1)).toMatchObject([{ from: 'notice' }]);
    expect(conversation.getSnapshot().typing).toBe(false);
    conversation.close();
  });

  it('renews its context before it ends and when the entry changes', async () => {
    const conversation = await opened(world);
    await vi.advanceTimersByTimeAsync(HALF_AN_HOUR - 60_000);
    expect(world.wishes).toHaveLength(2);
    expect(world.wishes[1]).toMatchObject({ current: { conversationId: 'c1', token: 'token1' } });
    conversation.open({ kind: 'product', productNo: 'GZ2101' });
    conversation.say('什么面料');
    await vi.advanceTimersByTimeAsync(0);
    expect(world.wishes[2]).toMatchObject({ entry: { kind: 'product', productNo: 'GZ2101' } });
    expect(world.uttered.slice(-1)).toMatchObject([{ utterance: { message: '什么面料', token: 'token3' } }]);
    conversation.close();
  });

  it('tries again when no context can be had', async () => {
    world.contextIsDown = true;
    const conversation = world.conversation();
    conversation.open({ kind: 'shop' });
    await vi.advanceTimersByTimeAsync(0);
    expect(conversation.getSnapshot().line).toBe('lost');
    world.contextIsDown = false;
    await vi.advanceTimersByTimeAsync(1_100);
    await world.online();
    expect(conversation.getSnapshot().line).toBe('online');
    expect(world.messages).toEqual(['/greet']);
    conversation.close();
  });

  it('goes on after a reload, without greeting again', async () => {
    const before = await opened(world);
    before.say('先记着');
    before.close();
    const conversation = world.conversation();
    expect(conversation.getSnapshot().messages).toHaveLength(3);
    conversation.open({ kind: 'shop' });
    await world.online();
    expect(world.wishes.slice(-1)).toMatchObject([{ current: { conversationId: 'c1' } }]);
    expect(world.messages).toEqual(['/greet', '先记着']);
    conversation.close();
  });

  it('begins anew when the server no longer knows the conversation, and takes along what waited', async () => {
    const before = await opened(world);
    before.say('还没发出');
    before.close();
    world.conversationId = 'c2';
    const conversation = world.conversation();
    conversation.open({ kind: 'shop' });
    await world.online();
    expect(world.sessions.slice(-1)).toEqual(['c2']);
    expect(world.messages.slice(-2)).toEqual(['/greet', '还没发出']);
    expect(conversation.getSnapshot().messages.filter(({ from }) => from === 'shop')).toEqual([]);
    conversation.close();
  });

  it('leaves the old room when it starts anew', async () => {
    const conversation = await opened(world);
    world.conversationId = 'c2';
    conversation.startAnew();
    await world.online();
    expect(world.wishes.slice(-1)).toMatchObject([{ current: null }]);
    expect(world.linesOpened).toBe(2);
    expect(world.sessions).toEqual(['c1', 'c2']);
    conversation.close();
  });

  it('shows a reply with an id of its own once', async () => {
    const conversation = await opened(world);
    world.line?.replied({ id: 'r1', text: '一次' });
    world.line?.replied({ id: 'r1', text: '一次' });
    expect(conversation.getSnapshot().messages.filter(({ id }) => id === 'r1')).toHaveLength(1);
    conversation.close();
  });
});

describe('what is kept', () => {
  it('is read back with care', () => {
    expect(readKept(null)).toBeNull();
    expect(readKept('{')).toBeNull();
    expect(readKept('{"version":2}')).toBeNull();
    const kept = readKept(
      JSON.stringify({
        version: 1,
        conversationId: 'c',
        token: 't',
        capsules: [{ title: 'x' }, 3],
        messages: [null, { from: 'shop', id: 'a', at: 1, raw: { text: 'hi' } }, { from: 'shop', id: 'b', at: 1 }],
      }),
    );
    expect(kept).toMatchObject({ capsules: [{ title: 'x' }], messages: [{ id: 'a', text: 'hi' }] });
  });
});
