/** Tickets and promises as the workbench's API has them; see docs/tickets.md. */

export type StateKind = 'open' | 'waiting' | 'done';
export type FieldKind = 'text' | 'long' | 'money' | 'order' | 'product' | 'phone' | 'date' | 'choice';

interface Titled {
  id: string;
  title: string;
  title_en: string | null;
}

export interface TicketState extends Titled {
  kind: StateKind;
}
export interface TicketField extends Titled {
  kind: FieldKind;
  choices: string[];
  required: string | null;
}
export interface TicketType extends Titled {
  group: string;
  urgent: boolean;
  states: string[];
  fields: TicketField[];
  words: Record<string, string>;
}
export interface TicketRules {
  states: TicketState[];
  types: TicketType[];
  transitions: { from: string; to: string[]; why: boolean; only: 'supervisor' | null }[];
  promises: Titled[];
}

export interface Person {
  id: string;
  name: string;
}
export interface Ticket {
  id: number;
  no: string;
  version: number;
  type: string;
  state: string;
  kind: StateKind;
  group: { id: string; title: string };
  agent: Person | null;
  urgent: boolean;
  title: string;
  customer: { id: string | null; name: string; level: string | null; region: string | null; vip: boolean };
  chat: string | null;
  channel: string | null;
  order_no: string | null;
  product_no: string | null;
  by: Person;
  created_at: string;
  updated_at: string;
  state_since: string;
  due_at: string | null;
  overdue: boolean;
  was_overdue: boolean;
  closed_at: string | null;
  /** Of the tickets of a chat's customer: whether one may open it. */
  may?: boolean;
}
export interface Way {
  to: string;
  why: boolean;
  only: 'supervisor' | null;
  may: boolean;
  missing: string[];
  told: string;
}
export interface TicketFile {
  kind: string;
  name: string;
  size: number | null;
  content_type: string | null;
  url: string;
}
export type EntryKind = 'created' | 'moved' | 'changed' | 'comment' | 'file' | 'told' | 'overdue' | 'escalated';
export interface TicketEntry {
  id: number;
  kind: EntryKind;
  by: Person;
  before: string | null;
  after: string | null;
  text: string;
  data: Record<string, unknown>;
  file: TicketFile | null;
  at: string;
}
export interface WholeTicket extends Ticket {
  text: string;
  fields: { id: string; value: string; masked: boolean }[];
  message_ids: number[];
  entries: TicketEntry[];
  promises: Promised[];
  ways: Way[];
}
export interface Promised {
  id: number;
  chat: string;
  message: number | null;
  kind: string;
  type: string | null;
  words: string;
  agent: Person | null;
  group: string | null;
  ticket: number | null;
  state: 'proposed' | 'open' | 'kept' | 'dropped';
  said_at: string;
  due_at: string;
  overdue: boolean;
  settled_at: string | null;
}
export interface TicketDraft {
  type: string;
  title: string;
  text: string;
  group: string;
  urgent: boolean;
  fields: Record<string, string>;
  order_no: string | null;
  product_no: string | null;
  message_ids: number[];
  files: { message_id: number; kind: string; name: string; url: string | null }[];
  orders: { no: string; title: string }[];
  promise: { id: number; words: string; due_at: string } | null;
  guessed: boolean;
}
export type ViewCounts = Record<'mine' | 'unassigned' | 'open' | 'overdue', number>;
export interface Column {
  state: string;
  count: number;
  more: boolean;
  tickets: Ticket[];
}
