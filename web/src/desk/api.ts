/** Asks the workbench's API; what it refuses comes back as an error with the server's own words. */

import type {
  Agent,
  AuditEntry,
  Box,
  Change,
  Chat,
  Counts,
  CustomerPanel,
  DeskMessage,
  Draft,
  Hit,
  Me,
  Note,
  OpenedChat,
  QuickDeed,
  QuickReply,
  Rating,
  StaffMember,
  Suggestions,
} from './wire';

export const BASE = '/api/desk';

/** The server said no. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  /** What else the refusal tells, such as who has the conversation now. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, words: string, extra: Readonly<Record<string, unknown>>) {
    super(words);
    this.status = status;
    this.code = code;
    this.extra = extra;
  }

  /** Worth trying again by itself. */
  get passes(): boolean {
    return this.status >= 500 || this.status === 429;
  }
}

/** No answer came at all. */
export class Unreachable extends Error {}

export function codeOf(error: unknown): string | null {
  return error instanceof Refused ? error.code : null;
}

export type Query = Readonly<Record<string, string | number | null | undefined>>;
export type Json = Readonly<Record<string, unknown>>;

/** How one may sign in. */
export interface WaysIn {
  enabled: boolean;
  label: string;
  password: boolean;
}

export interface ChatList {
  chats: Chat[];
  more: boolean;
  /** Where the next page begins. */
  next: string | null;
  counts: Counts;
  server_time: string;
}

export interface Saying {
  client_id: string;
  text?: string;
  attachment?: string;
  card?: { kind: string; no: string };
  quick_reply?: number;
  suggestion?: string | number;
  seen?: number;
}

export function withQuery(path: string, query: Query): string {
  const asked = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return asked.length ? `${path}?${new URLSearchParams(asked).toString()}` : path;
}

const NO_ANSWER = '连不上服务器，请检查网络后再试';

export class Api {
  /** Told when the session is over. */
  onSignedOut: () => void = () => undefined;
  onServerTime: (iso: string) => void = () => undefined;
  private csrf = '';
  private readonly ask: typeof fetch;

  constructor(ask: typeof fetch = (...wish) => fetch(...wish)) {
    this.ask = ask;
  }

  /** Who asked is told when the session is over; the token that guards against foreign pages comes with it. */
  attend(onSignedOut: () => void): void {
    this.onSignedOut = onSignedOut;
  }

  welcome(me: Me): Me {
    this.csrf = me.csrf;
    return me;
  }

  // What an answer holds is the contract's word, which the caller names.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  private async request<T>(
    method: string,
    path: string,
    body?: Json | Blob,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: T }> {
    const isJson = body !== undefined && !(body instanceof Blob);
    let response: Response;
    try {
      response = await this.ask(BASE + path, {
        method,
        headers: {
          ...(method === 'GET' ? {} : { 'X-Sixty-CSRF': this.csrf }),
          ...(isJson ? { 'Content-Type': 'application/json' } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
        cache: 'no-store',
        credentials: 'same-origin',
      });
    } catch {
      throw new Unreachable(NO_ANSWER);
    }
    if (response.status === 204) return { status: 204, body: null as T };
    const told = (await response.json().catch(() => null)) as (Json & T) | null;
    if (typeof told?.server_time === 'string') this.onServerTime(told.server_time);
    if (response.ok && told !== null) return { status: response.status, body: told };
    const { code, message, ...extra }: Json = told ?? {};
    const refused = new Refused(
      response.status,
      typeof code === 'string' ? code : 'unknown',
      typeof message === 'string' && message ? message : `${NO_ANSWER} (${response.status})`,
      extra,
    );
    if (refused.status === 401 && refused.code === 'signed_out') this.onSignedOut();
    throw refused;
  }

  /** For sections that keep their own wishes beside this file. */
  call = async <T>(method: string, path: string, body?: Json | Blob, headers: Record<string, string> = {}) =>
    (await this.request<T>(method, path, body, headers)).body;

  private async get<T>(path: string, query: Query = {}): Promise<T> {
    return (await this.request<T>('GET', withQuery(path, query))).body;
  }

  // Null where the answer is empty.
  private async post<T = null>(path: string, body: Json = {}): Promise<T> {
    return (await this.request<T>('POST', path, body)).body;
  }

  // Who sits here

  signIn = async (login: string, password: string) => this.post<Me>('/sign-in', { login, password });
  signOut = async () => this.post('/sign-out');
  me = async () => this.get<Me>('/me');
  changeMe = async (change: Json) => (await this.request<Me>('PATCH', '/me', change)).body;
  changePassword = async (old: string, fresh: string) => this.post('/password', { old, new: fresh });
  oidc = async () => this.get<WaysIn>('/oidc');
  presence = async (state: string, anyway = false) =>
    (await this.request<Agent>('PUT', '/presence', anyway ? { state, anyway } : { state })).body;
  heartbeat = async (focused: boolean, chat: string | null) =>
    this.post<{ server_time: string }>('/heartbeat', { focused, chat });
  agents = async () => (await this.get<{ agents: Agent[] }>('/agents')).agents;

  // Lists and conversations

  chats = async (box: Box, query: Query = {}) => this.get<ChatList>('/chats', { box, limit: 50, ...query });
  chat = async (id: string) => this.get<OpenedChat>(of(id));
  messages = async (id: string, query: Query) =>
    this.get<{ messages: DeskMessage[]; more: boolean }>(`${of(id)}/messages`, query);
  changes = async (id: string) => (await this.get<{ changes: Change[] }>(`${of(id)}/changes`)).changes;
  next = async () => this.post<{ chat: Chat } | null>('/queue/next');
  /** What is done with a conversation as a whole: claim, transfer, close … */
  move = async (id: string, what: string, body: Json = {}) => this.post<{ chat: Chat }>(`${of(id)}/${what}`, body);
  tell = async (id: string, what: 'read' | 'typing' | 'looking', body: Json) => this.post(`${of(id)}/${what}`, body);
  say = async (id: string, saying: Saying) =>
    (await this.post<{ message: DeskMessage }>(`${of(id)}/messages`, { ...saying })).message;
  upload = async (id: string, file: File) =>
    (
      await this.request<{ id: string }>('POST', `${of(id)}/uploads`, file, {
        'Content-Type': file.type || 'application/octet-stream',
        'X-File-Name': encodeURIComponent(file.name.slice(-80)),
      })
    ).body.id;
  draft = async (id: string, text: string, version: number) =>
    (await this.request<Draft>('PUT', `${of(id)}/draft`, { text, version })).body;

  // Beside the conversation

  customer = async (id: string) => this.get<CustomerPanel>(`${of(id)}/customer`);
  clear = async (id: string, what: 'phone' | 'address', order_no: string | null) =>
    (await this.post<{ value: string }>(`${of(id)}/customer/clear`, { what, order_no })).value;
  nameAgent = async (id: string, agent: string | null) =>
    this.request<null>('PUT', `${of(id)}/customer/named-agent`, { agent });
  suggestions = async (id: string, message: number) => this.get<Suggestions>(`${of(id)}/suggestions`, { message });
  suggestionUsed = async (id: string, suggestion: string | number, how: 'sent' | 'edited' | 'dismissed') =>
    this.post(`${of(id)}/suggestions/${encodeURIComponent(suggestion)}/used`, { how });
  search = async (q: string, kinds: string, chat: string | null) =>
    this.get<{ hits: Hit[]; took_ms: number }>('/search', { q, kinds, chat, limit: 20 });
  quickReplies = async (q: string, chat: string | null, limit = 20) =>
    (await this.get<{ replies: QuickReply[] }>('/quick-replies', { q, chat, limit })).replies;
  addReply = async (reply: Json) => this.post('/quick-replies', reply);
  changeReply = async (id: number, change: Json) => this.request('PATCH', `/quick-replies/${id}`, change);
  removeReply = async (id: number) => this.request('DELETE', `/quick-replies/${id}`);
  variables = async () => this.get<{ name: string; title: string; example: string }[]>('/quick-replies/variables');
  deeds = async (id: string) => (await this.get<{ deeds: QuickDeed[] }>(`${of(id)}/deeds`)).deeds;
  deed = async (id: string, key: string, kind: string, fields: Json) =>
    this.post<{ deed: { no: string; kind: string; title: string; state: string; text: string } }>(`${of(id)}/deeds`, {
      key,
      kind,
      fields,
    });
  note = async (id: string, text: string, about: 'chat' | 'customer') =>
    this.post<Note>(`${of(id)}/notes`, { text, about });
  rating = async (id: string) => (await this.get<{ rating: Rating | null }>(`${of(id)}/rating`)).rating;
  askRating = async (id: string) => this.post(`${of(id)}/rating/ask`);

  // Staff and audit

  staff = async () => (await this.get<{ staff: StaffMember[] }>('/staff')).staff;
  addStaff = async (member: Json) => this.post<{ one_time_password: string }>('/staff', member);
  changeStaff = async (id: number | string, change: Json) => this.request('PATCH', `/staff/${id}`, change);
  oneTimePassword = async (id: number | string) =>
    (await this.post<{ one_time_password: string }>(`/staff/${id}/one-time-password`)).one_time_password;
  audit = async (query: Query) =>
    this.get<{ entries: AuditEntry[]; more: boolean }>('/audit', { limit: 100, ...query });
}

function of(chat: string): string {
  return `/chats/${encodeURIComponent(chat)}`;
}
