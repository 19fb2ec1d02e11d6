/** What the workbench's API answers and tells; see the desk's documentation for what each of it means. */

export type Presence = 'online' | 'busy' | 'away' | 'offline';
export type Box = 'queue' | 'left' | 'mine' | 'all' | 'done';
export type ChatState = 'bot' | 'queued' | 'assigned' | 'wrap_up' | 'closed';
export type Role = 'agent' | 'supervisor' | 'trainer' | 'admin';
export type Language = 'zh' | 'en';

export interface Account {
  id: number | string;
  login: string;
  role: Role;
  language: Language;
  sound: boolean;
  notify: boolean;
  name?: string;
  active?: boolean;
  last_seen?: string | null;
  /** Without one they sign in at the identity provider. */
  has_password: boolean;
}

export interface Agent {
  id: string;
  name: string;
  groups: string[];
  skills: string[];
  languages: string[];
  capacity: number;
  load: number;
  presence: Presence;
  presence_since: string | null;
  reachable: boolean;
}

export interface Group {
  id: string;
  title: string;
  open: boolean;
  opens_at: string | null;
  queued: number;
  left: number;
  agents: { online: number; busy: number; away: number };
}

export interface Me {
  account: Account;
  agent: Agent | null;
  permissions: string[];
  csrf: string;
  must_change_password: boolean;
  shop: { name: string };
  groups: Group[];
  reasons: Record<string, string>;
  channels: Record<string, string>;
  tags: string[];
  limits: { longest_text: number; picture_bytes: number; gone_after: number };
  demo: boolean;
  server_time: string;
}

export interface Counts {
  queue: number;
  left: number;
  mine: number;
  unread: number;
  all: number | null;
}

export interface Named {
  id: string;
  name: string;
}

export interface Customer {
  id: string | null;
  name: string;
  level: string | null;
  region: string | null;
  vip: boolean;
}

export interface Chat {
  id: string;
  hand_off: number;
  cursor: string;
  state: ChatState;
  hand_off_state: 'queued' | 'left' | 'taken' | 'closed';
  channel: string;
  channel_title: string;
  entry: string;
  source: {
    product_no: string | null;
    product_name: string | null;
    order_no: string | null;
    url: string | null;
  } | null;
  customer: Customer;
  reason: string;
  reason_title: string;
  question: string;
  mood: 'angry' | 'negative' | null;
  priority: number;
  why_first: string[];
  group: { id: string; title: string } | null;
  skill: string | null;
  language: string;
  wants: Named | null;
  agent: Named | null;
  position: number | null;
  expected_wait: number | null;
  queued_at: string;
  assigned_at: string | null;
  wrap_up_at?: string | null;
  ended_at: string | null;
  waiting_since: string | null;
  first_reply_due: string | null;
  last: { id: number; author: Author; text: string; kind: string; at: string } | null;
  unread: number;
  willingness: { score: number | null; line: string | null; segment: string | null } | null;
  note_count: number;
  draft?: boolean;
  summary?: string;
  tags?: string[];
}

export type Author = 'customer' | 'bot' | 'agent' | 'system';

export interface DeskMessage {
  id: number;
  chat: string;
  author: Author;
  name: string | null;
  agent: string | null;
  kind: string;
  text: string | null;
  at: string;
  client_id: string | null;
  state: string;
  stretch: 'bot' | 'person';
  capsules: { title: string; taken: boolean }[];
  tapped: boolean;
  card: unknown;
  card_text: string | null;
  image: { url: string; alt: string } | null;
  attachment: DeskAttachment | null;
  understood: { intent: string; title: string; confidence: number | null; mood: string | null } | null;
  outcome: string | null;
  notice: string | null;
}

export interface DeskAttachment {
  kind: string;
  name?: string;
  size?: number;
  content_type?: string;
  url?: string;
  latitude?: number;
  longitude?: number;
  label?: string;
}

export interface OrderAtAGlance {
  no: string;
  state: string;
  state_title: string;
  placed_at: string;
  amount: string;
  items: { name: string; spec: string; quantity: number; picture: string | null }[];
  parcel: { company: string; no_masked: string; last: string | null } | null;
  refund: { kind?: string; state: string; amount: string } | null;
}

export interface SessionAtAGlance {
  chat: string;
  channel: string;
  began: string;
  ended: string;
  messages?: number;
  last_text?: string;
  with_person: boolean;
  summary: string;
}

export interface Packet {
  hand_off: number;
  reason: string;
  reason_title: string;
  question: string;
  at: string;
  understood: { intent: string; title: string; at: string | null; message_id: number | null }[];
  slots: { name: string; title: string; value: string }[];
  product: { no: string; name: string; price: string | null; picture: string | null; url: string | null } | null;
  orders: OrderAtAGlance[];
  orders_stale: boolean;
  customer: Customer;
  segment: string | null;
  willingness: { score: number; line: string | null; reasons: string[] } | null;
  attachments: { message_id: number; kind: string; name: string; url: string | null }[];
  sessions: SessionAtAGlance[];
  earlier: {
    at: string;
    agent: string | null;
    reason: string;
    reason_title?: string;
    summary: string;
    tags: string[];
  }[];
  missing: string[];
}

export interface Looker {
  agent: string;
  name: string;
  doing: 'looking' | 'typing';
  since: string;
}

export interface Draft {
  text: string;
  version: number;
  updated_at: string | null;
}

export interface Note {
  id: number;
  at: string;
  by: string;
  by_name: string;
  text: string;
  about: 'chat' | 'customer';
}

export type Deed = 'claim' | 'send' | 'transfer' | 'close' | 'to_bot' | 'wrap_up' | 'deed' | 'take_over' | 'leave';
export type May = Partial<Record<Deed, boolean>>;

export interface OpenedChat {
  chat: Chat;
  packet: Packet | null;
  messages: DeskMessage[];
  more: boolean;
  draft: Draft | null;
  notes: Note[];
  looking: Looker[];
  may: May;
  server_time: string;
}

export interface CustomerPanel {
  customer: Customer & {
    member_since: string | null;
    phone_masked: string | null;
    tags: string[];
    named_agent: string | Named | null;
  };
  orders: OrderAtAGlance[];
  parcels: { order_no: string; company: string; no_masked: string; steps: { at: string | null; text: string }[] }[];
  refunds: {
    order_no: string;
    state: string;
    state_title: string;
    amount: string;
    steps: ({ at?: string | null; text: string } | string)[];
  }[];
  history: SessionAtAGlance[];
  willingness: {
    score: number | null;
    line: string | null;
    segment: string | null;
    reasons: { message_id: number | null; words: string; delta: number }[];
    curve: [number, number][];
  } | null;
  deeds: {
    no: string;
    title: string;
    order_no: string | null;
    state: string;
    state_title: string;
    at: string;
    by_name: string;
  }[];
  benefits: { title: string; until: string | null; used: boolean; by_name: string | null }[];
  notes: Note[];
  stale: string[];
  missing: string[];
}

export interface SuggestedAnswer {
  id: string | number;
  text: string;
  card: unknown;
  source: 'answer' | 'product' | 'order' | 'policy' | 'quick_reply';
  source_title: string;
  intent: string | null;
  confidence: number | null;
  why: string | null;
}

export interface Suggestions {
  message: number;
  answers: SuggestedAnswer[];
  next: { question: string; title: string; share: number }[];
  pending?: boolean;
  as_of?: string;
}

export interface Hit {
  kind: 'product' | 'answer' | 'policy' | 'quick_reply';
  id: string;
  title: string;
  snippet: string;
  text: string;
  url: string | null;
  product_no: string | null;
}

export interface QuickReply {
  id: number;
  title: string;
  text: string;
  filled: string | null;
  missing: string[];
  scope: 'mine' | 'shared';
  folder: string;
  initials: string;
  used: number;
}

export interface DeedField {
  name: string;
  title: string;
  type: 'text' | 'choice' | 'money' | 'order' | 'phone' | 'long';
  /** `hint` is what stands against a choice. */
  choices: { value: string; title: string; hint?: string | null }[];
  required: boolean;
  value: string | null;
  at_most: string | null;
}

export interface QuickDeed {
  kind: string;
  title: string;
  may: boolean;
  why_not: string | null;
  fields: DeedField[];
}

export interface Rating {
  asked_at: string;
  by: 'bot' | 'agent';
  score: number | null;
  tags: string[];
  text: string;
  rated_at: string | null;
}

export interface Change {
  at: string;
  before: string | null;
  after: string;
  by: string | null;
  by_name: string | null;
  why: string;
  why_title: string | null;
  note: string | null;
}

export interface StaffMember {
  account: Account;
  agent: Agent | null;
}

export interface AuditEntry {
  id: number;
  at: string;
  account: string | { id: number | string; login: string; name?: string } | null;
  what: string;
  chat: string | null;
  customer: string | null;
  detail: unknown;
}

/** What a supervisor said to colleagues alone. */
export interface Whisper {
  id: number;
  name: string;
  text: string;
  at: string;
}

/** Something is out of bounds, or is not any more. */
export interface AlarmGiven {
  id: number;
  chat: string | null;
  state: 'open' | 'acknowledged' | 'closed';
  title: string;
  what: string;
  measured: number;
  group: string | null;
  agent: string | null;
  urgent: boolean;
}

export interface Alert {
  kind: 'assigned' | 'transferred' | 'returned' | 'message' | 'waiting_long' | 'rating' | 'ticket';
  chat: string | null;
  title: string;
  text: string;
  tickets?: { id: number }[];
}
