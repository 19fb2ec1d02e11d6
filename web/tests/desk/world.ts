/**
 * A desk in memory that keeps the workbench's contract: for unit tests, browser tests and work on the page without the
 * servers. It holds chats, moves them, refuses as the real one does, and tells its listeners what happens.
 */

import type { Agent, Chat, Counts, DeskMessage, Me, Note } from '../../src/desk/wire';
import { CUSTOMERS, DEEDS, HITS, PANELS, REPLIES, SUGGESTIONS, type Scripted } from './shop.ts';

export type Json = Record<string, unknown>;
export interface Answer {
  status: number;
  body: Json | null;
}
type Listener = (name: string, data: Json) => void;

const minute = 60_000;

class No extends Error {
  readonly status: number;
  readonly code: string;
  readonly extra: Json;
  constructor(status: number, code: string, message: string, extra: Json = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.extra = extra;
  }
}

export class DeskWorld {
  chats = new Map<string, Chat>();
  messages = new Map<string, DeskMessage[]>();
  notes = new Map<string, Note[]>();
  drafts = new Map<string, { text: string; version: number; updated_at: string }>();
  uploads = new Map<string, { type: string; bytes: Uint8Array }>();
  agents: Agent[];
  signedIn: string | null = null;
  mustChange = false;
  password = 'correct horse';
  role: 'agent' | 'admin' = 'admin';
  csrf = 'csrf-1';
  /** Requests by method and path, in their order. */
  asked: string[] = [];
  said: Json[] = [];
  marks: Json[] = [];
  /** Whether answers to messages are withheld, as over a line that is lost after the request. */
  mute = false;
  down = false;
  /** So many rows of a list come at once. */
  aPage = 50;
  now: () => number;
  private readonly listeners = new Set<Listener>();
  private lastId = 1000;

  constructor(now: () => number = Date.now) {
    this.now = now;
    const agent = (id: string, name: string, groups: string[], presence: Agent['presence'], load: number): Agent => ({
      id,
      name,
      groups,
      skills: ['退换货'],
      languages: ['zh'],
      capacity: 5,
      load,
      presence,
      presence_since: this.ago(42),
      reachable: presence === 'online' && load < 5,
    });
    this.agents = [
      agent('xiaoli', '小李', ['general', 'aftersale'], 'online', 3),
      agent('azhen', '阿珍', ['aftersale'], 'online', 1),
      agent('dawei', '大伟', ['presale'], 'busy', 4),
      agent('lin', 'Lin', ['general'], 'away', 0),
    ];
    for (const scripted of CUSTOMERS) this.add(scripted);
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(name: string, data: Json): void {
    this.listeners.forEach((listener) => listener(name, data));
  }

  get time(): string {
    return new Date(this.now()).toISOString();
  }

  private ago(minutes: number): string {
    return new Date(this.now() - minutes * minute).toISOString();
  }

  private get me(): Agent {
    return this.agents[0]!;
  }

  private add(scripted: Scripted): void {
    const { id, state, agent, minutes, lines, customer, ...rest } = scripted;
    const said = lines.map(([author, text, before, more]) => this.form(id, author, text, this.ago(before), more ?? {}));
    this.messages.set(id, said);
    const last = said[said.length - 1];
    const taken = state === 'assigned' || state === 'wrap_up';
    this.chats.set(id, {
      id,
      hand_off: this.chats.size + 1,
      cursor: id,
      state: state === 'left' ? 'bot' : state,
      hand_off_state:
        state === 'queued' ? 'queued' : state === 'left' ? 'left' : state === 'closed' ? 'closed' : 'taken',
      channel: 'web',
      channel_title: '网页',
      entry: 'product',
      source: null,
      customer: { id: null, level: null, region: null, vip: false, ...customer },
      reason: 'asked_for',
      reason_title: '顾客要求人工',
      question: '',
      mood: null,
      priority: 0,
      why_first: [],
      group: { id: 'general', title: '综合客服' },
      skill: null,
      language: 'zh',
      wants: null,
      agent: agent ? { id: agent, name: this.agents.find((each) => each.id === agent)?.name ?? agent } : null,
      position: state === 'queued' ? [...this.chats.values()].filter((each) => each.position).length + 1 : null,
      expected_wait: state === 'queued' ? 150 : null,
      queued_at: this.ago(minutes),
      assigned_at: taken ? this.ago(minutes - 1) : null,
      ended_at: state === 'closed' ? this.ago(minutes - 10) : null,
      waiting_since:
        last?.author === 'customer' && state !== 'closed' ? last.at : state === 'queued' ? this.ago(minutes) : null,
      first_reply_due: state === 'queued' ? this.ago(minutes - 3) : null,
      last: last ? { id: last.id, author: last.author, text: last.text ?? '', kind: last.kind, at: last.at } : null,
      unread: taken && last?.author === 'customer' ? 1 : 0,
      willingness: { score: 0.62, line: 'B', segment: 'answer' },
      note_count: 0,
      ...rest,
    });
  }

  form(
    chat: string,
    author: DeskMessage['author'],
    text: string,
    at = this.time,
    more: Partial<DeskMessage> = {},
  ): DeskMessage {
    const isAgent = author === 'agent';
    return {
      id: ++this.lastId,
      chat,
      author,
      name: isAgent ? '小李' : null,
      agent: isAgent ? 'xiaoli' : null,
      kind: 'text',
      text,
      at,
      client_id: null,
      state: isAgent ? 'delivered' : 'received',
      stretch: isAgent || author === 'system' ? 'person' : 'bot',
      capsules: [],
      tapped: false,
      card: null,
      card_text: null,
      image: null,
      attachment: null,
      understood: null,
      outcome: null,
      notice: author === 'system' ? 'queued' : null,
      ...more,
    };
  }

  // What tests make happen

  /** A customer says something. */
  customerSays(chat: string, text: string, more: Partial<DeskMessage> = {}): DeskMessage {
    const message = this.form(chat, 'customer', text, this.time, { stretch: 'person', ...more });
    this.write(message);
    const row = this.chats.get(chat);
    if (row) this.change({ ...row, waiting_since: row.waiting_since ?? message.at, unread: row.unread + 1 }, false);
    this.tellSaid(message);
    this.tell('alert', { kind: 'message', chat, title: row?.customer.name ?? '', text });
    return message;
  }

  /** A colleague says something into a chat. */
  colleagueSays(chat: string, text: string): DeskMessage {
    const message = this.form(chat, 'agent', text, this.time, { agent: 'azhen', name: '阿珍', stretch: 'person' });
    this.write(message);
    this.tellSaid(message);
    return message;
  }

  /** As the server does it: the row first, then what was said. */
  private tellSaid(message: DeskMessage): void {
    const row = this.chats.get(message.chat);
    if (row) this.tell('chat', { ...row });
    this.tell('message', { ...message });
  }

  /** A colleague takes a chat. */
  colleagueClaims(chat: string): void {
    this.change({ ...this.taken(chat), agent: { id: 'azhen', name: '阿珍' } });
  }

  /** The routing gives somebody to whoever sits before the page. */
  gives(chat: string): void {
    this.change({ ...this.taken(chat), agent: { id: 'xiaoli', name: '小李' } });
  }

  private taken(chat: string): Chat {
    return { ...this.row(chat), state: 'assigned', hand_off_state: 'taken', position: null };
  }

  /** Somebody new waits. */
  arrives(id: string, name: string, question: string): void {
    this.add({
      id,
      state: 'queued',
      minutes: 0,
      customer: { name },
      question,
      lines: [['customer', question, 0]],
    });
    this.tell('chat', { ...this.row(id) });
    this.tellQueue();
  }

  private write(message: DeskMessage): void {
    const said = this.messages.get(message.chat) ?? [];
    said.push(message);
    this.messages.set(message.chat, said);
    const row = this.chats.get(message.chat);
    if (!row) return;
    const { id, author, text, kind, at } = message;
    this.chats.set(row.id, { ...row, last: { id, author, text: text ?? '', kind, at } });
  }

  private row(id: string): Chat {
    const row = this.chats.get(id);
    if (!row) throw new No(404, 'unknown', '没有这个会话');
    return row;
  }

  private change(row: Chat, tells = true): Chat {
    this.chats.set(row.id, row);
    if (tells) {
      this.tell('chat', { ...row });
      this.tellQueue();
    }
    return row;
  }

  private tellQueue(): void {
    this.tell('queue', { counts: { ...this.counts() }, groups: this.groups() });
  }

  private counts(): Counts {
    const rows = [...this.chats.values()];
    const taken = rows.filter((row) => row.hand_off_state === 'taken');
    const mine = taken.filter((row) => row.agent?.id === 'xiaoli');
    return {
      queue: rows.filter((row) => row.hand_off_state === 'queued').length,
      left: rows.filter((row) => row.hand_off_state === 'left').length,
      mine: mine.length,
      unread: mine.reduce((sum, row) => sum + row.unread, 0),
      all: this.role === 'admin' ? taken.length : null,
    };
  }

  private groups(): Me['groups'] {
    const group = (id: string, title: string, queued: number) => ({
      id,
      title,
      open: true,
      opens_at: null,
      queued,
      left: 0,
      agents: { online: 2, busy: 1, away: 0 },
    });
    return [group('aftersale', '售后客服', 1), group('presale', '售前导购', 1), group('general', '综合客服', 1)];
  }

  private form_of_me(): Me {
    const may = ['chat.take', 'customer.read', 'deed.do', 'report.read'];
    const more = [
      'chat.all',
      'chat.assign',
      'customer.clear',
      'reply.share',
      'staff.read',
      'staff.write',
      'audit.read',
    ];
    return {
      account: {
        id: 1,
        login: this.signedIn ?? '',
        role: this.role,
        language: 'zh',
        sound: false,
        notify: false,
        has_password: true,
      },
      agent: this.me,
      permissions: this.role === 'admin' ? [...may, ...more] : may,
      csrf: this.csrf,
      must_change_password: this.mustChange,
      shop: { name: '六拾优选' },
      groups: this.groups(),
      reasons: {},
      channels: { web: '网页', wechat: '微信客服', app: 'App' },
      tags: ['已解决', '待跟进', '退换货', '催发货', '价格咨询'],
      limits: { longest_text: 1000, picture_bytes: 10_000_000, gone_after: 150 },
      demo: true,
      server_time: this.time,
    };
  }

  // The API

  /** Answers a request, whatever brought it. */
  handle(method: string, path: string, query: URLSearchParams, body: Json, headers: Record<string, string>): Answer {
    this.asked.push(`${method} ${path}`);
    try {
      if (this.down) throw new No(503, 'busy', '系统忙，请稍后再试');
      const answer = this.answer(method, path, query, body, headers);
      return { status: answer.status, body: answer.body };
    } catch (error) {
      if (!(error instanceof No)) throw error;
      return { status: error.status, body: { code: error.code, message: error.message, ...error.extra } };
    }
  }

  /** The same, as `fetch`. */
  fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    await Promise.resolve();
    const url = new URL(input instanceof Request ? input.url : input, 'http://desk');
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as Json) : {};
    const headers = Object.fromEntries(
      Object.entries((init.headers ?? {}) as Record<string, string>).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ]),
    );
    const path = url.pathname.replace('/api/desk', '');
    const answer = this.handle(init.method ?? 'GET', path, url.searchParams, body, headers);
    if (this.mute && path.endsWith('/messages') && init.method === 'POST') throw new TypeError('network');
    return new Response(answer.body === null ? null : JSON.stringify(answer.body), { status: answer.status });
  };

  private answer(
    method: string,
    path: string,
    query: URLSearchParams,
    body: Json,
    headers: Record<string, string>,
  ): Answer {
    const ok = (told: unknown, status = 200): Answer => ({ status, body: told as Json });
    const done: Answer = { status: 204, body: null };
    const route = `${method} ${path}`;
    if (route === 'GET /oidc') return ok({ enabled: false, label: '', password: true });
    if (route === 'POST /sign-in') {
      if (body.password !== this.password) throw new No(401, 'wrong', '账号或密码不对');
      this.signedIn = String(body.login);
      return ok(this.form_of_me());
    }
    if (!this.signedIn) throw new No(401, 'signed_out', '请先登录');
    if (method !== 'GET' && headers['x-sixty-csrf'] !== this.csrf) throw new No(403, 'csrf', '请刷新页面');
    if (route === 'GET /me') return ok(this.form_of_me());
    if (route === 'PATCH /me') {
      const me = this.form_of_me();
      return ok({ ...me, account: { ...me.account, ...body } });
    }
    if (route === 'POST /password') {
      if (body.old !== this.password) throw new No(401, 'wrong', '当前密码不对');
      this.password = String(body.new);
      this.mustChange = false;
      return done;
    }
    if (route === 'POST /sign-out') {
      this.signedIn = null;
      return done;
    }
    if (this.mustChange) throw new No(403, 'must_change_password', '请先修改密码');
    if (route === 'PUT /presence') {
      if (body.state === 'offline' && !body.anyway && this.counts().mine) {
        throw new No(409, 'has_chats', '还有会话没有结束', { chats: this.counts().mine });
      }
      const agent = { ...this.me, presence: body.state as Agent['presence'] };
      this.agents[0] = agent;
      return ok(agent);
    }
    if (route === 'POST /heartbeat') return ok({ server_time: this.time });
    if (route === 'GET /agents') return ok({ agents: this.agents, server_time: this.time });
    if (route === 'GET /chats') return ok(this.list(query));
    if (route === 'POST /queue/next') {
      if (this.me.presence !== 'online') throw new No(409, 'not_online', '先上线才能接待');
      const next = [...this.chats.values()].find((row) => row.hand_off_state === 'queued');
      return next ? ok({ chat: this.claim(next.id) }) : done;
    }
    if (route === 'GET /search') {
      const q = query.get('q') ?? '';
      const kinds = query.get('kinds') ?? '';
      const found = HITS.filter((hit) => (!kinds || kinds === hit.kind) && (hit.title + hit.text).includes(q));
      return ok({
        hits: found.map((hit) => ({ ...hit, snippet: hit.text.replaceAll(q, `<em>${q}</em>`) })),
        took_ms: 4,
      });
    }
    if (route === 'GET /quick-replies') {
      const q = query.get('q') ?? '';
      return ok({ replies: REPLIES.filter((reply) => !q || reply.initials.startsWith(q) || reply.title.includes(q)) });
    }
    if (route === 'GET /quick-replies/variables') {
      return ok([
        { name: 'customer', title: '顾客称呼', example: '王女士' },
        { name: 'order_no', title: '订单号', example: '2026111800010001' },
      ]);
    }
    if (route === 'GET /staff') {
      return ok({
        staff: this.agents.map((agent, place) => ({
          account: {
            id: place + 1,
            login: agent.id,
            role: place === 0 ? 'admin' : place === 2 ? 'supervisor' : 'agent',
            active: place !== 3,
          },
          agent,
        })),
      });
    }
    if (route === 'POST /staff') {
      if (this.agents.some(({ id }) => id === body.login)) throw new No(409, 'login_taken', '这个账号已经有人用了');
      return ok({ one_time_password: 'k7Qm-2vXc-9TzR' }, 201);
    }
    if (route === 'GET /audit') return ok({ entries: this.audit(), more: false });
    const match = /^\/chats\/([^/]+)(\/.*)?$/.exec(path);
    if (match) return this.inChat(method, decodeURIComponent(match[1] ?? ''), match[2] ?? '', query, body);
    throw new No(404, 'unknown', '没有这个地址');
  }

  private audit(): Json[] {
    const entry = (id: number, what: string, chat: string | null, detail: Json) => ({
      id,
      at: this.ago(id * 3),
      account: { id: 1, login: 'xiaoli', name: '小李' },
      what,
      chat,
      customer: chat ? 'C1001' : null,
      detail,
    });
    return [
      entry(1, 'chat.opened', 'wang', {}),
      entry(2, 'customer.clear', 'wang', { what: 'phone', order_no: '2026111800010001' }),
      entry(3, 'sign_in', null, { address: '10.0.0.8' }),
      entry(4, 'deed.coupon', 'wang', { amount: '10.00' }),
    ];
  }

  private list(query: URLSearchParams): Json {
    const box = query.get('box');
    const q = query.get('q') ?? '';
    const fits = (row: Chat) =>
      box === 'mine'
        ? row.hand_off_state === 'taken' && row.agent?.id === 'xiaoli'
        : row.hand_off_state === { queue: 'queued', left: 'left', all: 'taken', done: 'closed' }[box ?? ''];
    const all = [...this.chats.values()].filter((row) => fits(row) && (row.customer.name + row.question).includes(q));
    const start = all.findIndex(({ id }) => id === query.get('before')) + 1;
    const chats = all.slice(start, start + this.aPage);
    const next = start + this.aPage < all.length ? (chats[chats.length - 1]?.id ?? null) : null;
    return { chats, more: next !== null, next, counts: { ...this.counts() }, server_time: this.time };
  }

  private claim(id: string): Chat {
    const row = this.row(id);
    if (row.hand_off_state === 'taken' && row.agent?.id !== 'xiaoli') {
      throw new No(409, 'taken', '已经有同事接了', { by: row.agent });
    }
    const notice = this.form(id, 'system', '客服小李来啦，前面的聊天都看得到，不用再说一遍～', this.time, {
      notice: 'claimed',
    });
    this.write(notice);
    this.tell('message', { ...notice });
    return this.change({
      ...this.row(id),
      state: 'assigned',
      hand_off_state: 'taken',
      agent: { id: 'xiaoli', name: '小李' },
      position: null,
      expected_wait: null,
      assigned_at: this.time,
    });
  }

  private mine(id: string): Chat {
    const row = this.row(id);
    if (row.hand_off_state === 'closed') throw new No(409, 'ended', '会话已经结束');
    if (row.agent?.id !== 'xiaoli') throw new No(409, 'not_yours', '这个会话现在不是您的', { by: row.agent });
    return row;
  }

  private inChat(method: string, id: string, what: string, query: URLSearchParams, body: Json): Answer {
    const ok = (told: unknown, status = 200): Answer => ({ status, body: told as Json });
    const done: Answer = { status: 204, body: null };
    const row = this.row(id);
    const said = this.messages.get(id) ?? [];
    switch (`${method} ${what}`) {
      case 'GET ':
        return ok({
          chat: row,
          packet: PANELS.packet(row, this.ago(8)),
          messages: said.slice(-50),
          more: said.length > 50,
          draft: this.drafts.get(id) ?? { text: '', version: 0, updated_at: null },
          notes: this.notes.get(id) ?? [],
          looking: id === 'chen' ? [{ agent: 'azhen', name: '阿珍', doing: 'looking', since: this.time }] : [],
          may: this.may(row),
          server_time: this.time,
        });
      case 'GET /messages': {
        const before = Number(query.get('before') ?? Infinity);
        const found = said.filter((message) => message.id < before);
        return ok({ messages: found.slice(-50), more: found.length > 50, stretches: [] });
      }
      case 'GET /changes':
        return ok({ changes: PANELS.changes(this.ago(8), this.ago(6)) });
      case 'GET /customer':
        return ok(PANELS.customer(row, (minutes) => this.ago(minutes)));
      case 'POST /customer/clear':
        return ok({ value: '13812345678' });
      case 'GET /suggestions':
        return ok({ message: Number(query.get('message')), ...SUGGESTIONS, as_of: this.time });
      case 'GET /deeds':
        return ok({ deeds: DEEDS });
      case 'POST /deeds': {
        const fields = body.fields as Record<string, string | undefined>;
        if (Number(fields.amount) > 20) {
          throw new No(422, 'fields', '请改一下', { problems: { amount: '最多 20 元' } });
        }
        return ok(
          { deed: { no: 'D1', kind: body.kind, title: '优惠券', state: 'done', text: '优惠券已发给顾客' } },
          201,
        );
      }
      case 'GET /tickets':
        return ok({ tickets: [], more: false, promises: [], server_time: this.time });
      case 'GET /whispers':
        return ok({ whispers: [], server_time: this.time });
      case 'GET /rating':
        return ok({ rating: null });
      case 'POST /rating/ask':
      case 'POST /typing':
      case 'POST /looking':
        return done;
      case 'POST /read':
        this.marks.push({ chat: id, ...body });
        this.chats.set(id, { ...row, unread: 0 });
        return done;
      case 'POST /notes': {
        const note: Note = {
          id: ++this.lastId,
          at: this.time,
          by: 'xiaoli',
          by_name: '小李',
          text: String(body.text),
          about: body.about as 'chat',
        };
        this.notes.set(id, [...(this.notes.get(id) ?? []), note]);
        return ok(note, 201);
      }
      case 'PUT /draft': {
        const before = this.drafts.get(id) ?? { text: '', version: 0, updated_at: this.time };
        if (body.version !== before.version)
          throw new No(409, 'draft_changed', '另一个窗口改了草稿', { draft: before });
        const draft = { text: String(body.text), version: before.version + 1, updated_at: this.time };
        this.drafts.set(id, draft);
        return ok(draft);
      }
      case 'POST /messages':
        return this.say(id, body);
      case 'POST /uploads': {
        const upload = `u${++this.lastId}`;
        return ok({ id: upload }, 201);
      }
      case 'POST /claim':
        return ok({ chat: this.claim(id) });
      case 'POST /take-over':
        return ok({ chat: this.change({ ...row, agent: { id: 'xiaoli', name: '小李' } }) });
      case 'POST /transfer': {
        this.mine(id);
        const to = body.to as { agent?: string; group?: string };
        const agent = this.agents.find((each) => each.id === to.agent);
        if (agent && !agent.reachable && !body.anyway) {
          throw new No(409, 'not_reachable', `${agent.name}现在不在`);
        }
        return ok({
          chat: this.change(
            agent
              ? { ...row, agent: { id: agent.id, name: agent.name } }
              : { ...row, agent: null, state: 'queued', hand_off_state: 'queued', position: 1, expected_wait: 60 },
          ),
        });
      }
      case 'POST /back-to-queue':
        this.mine(id);
        return ok({
          chat: this.change({ ...row, agent: null, state: 'queued', hand_off_state: 'queued', position: 1 }),
        });
      case 'POST /close':
      case 'POST /wrap-up':
      case 'POST /to-bot': {
        this.mine(id);
        const wraps = what === '/close' && body.then === 'wrap_up';
        return ok({
          chat: this.change({
            ...row,
            state: wraps ? 'wrap_up' : what === '/to-bot' ? 'bot' : 'closed',
            hand_off_state: wraps ? 'taken' : 'closed',
            ended_at: wraps ? null : this.time,
            waiting_since: null,
          }),
        });
      }
    }
    if (/^\/suggestions\/.*\/used$/.test(what)) return done;
    throw new No(404, 'unknown', '没有这个地址');
  }

  private say(id: string, body: Json): Answer {
    const known = (this.messages.get(id) ?? []).find(({ client_id }) => client_id === body.client_id);
    if (known) return { status: 200, body: { message: known } };
    this.mine(id);
    this.said.push(body);
    const behind = (this.messages.get(id) ?? []).filter(
      (message) =>
        message.author === 'agent' && message.agent !== 'xiaoli' && message.id > Number(body.seen ?? Infinity),
    );
    if (behind.length) throw new No(409, 'talked_meanwhile', '刚才有同事先回复了', { messages: behind });
    const card = body.card ? { type: 'product', no: 'GZ2101', name: '多口袋耐磨工装裤', final_price: '229.00' } : null;
    const message = this.form(id, 'agent', typeof body.text === 'string' ? body.text : '', this.time, {
      client_id: String(body.client_id),
      state: 'written',
      card,
      text: typeof body.text === 'string' ? body.text : null,
      kind: body.attachment ? 'picture' : card ? 'card' : 'text',
      attachment: body.attachment ? { kind: 'picture', name: '图片', url: '/icon.svg' } : null,
    });
    this.write(message);
    this.change({ ...this.row(id), waiting_since: null, first_reply_due: null, unread: 0 }, false);
    this.tell('message', { ...message });
    return { status: 201, body: { message } };
  }

  private may(row: Chat): Record<string, boolean> {
    const isMine = row.agent?.id === 'xiaoli' && row.hand_off_state === 'taken';
    const isOpen = isMine && row.state === 'assigned';
    return {
      claim: row.hand_off_state === 'queued' || row.hand_off_state === 'left',
      send: isMine,
      transfer: isOpen,
      close: isOpen,
      to_bot: isOpen,
      wrap_up: isMine && row.state === 'wrap_up',
      deed: isMine,
      take_over: this.role === 'admin' && row.hand_off_state === 'taken' && !isMine,
    };
  }
}
