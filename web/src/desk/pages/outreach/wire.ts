/** What the API says of reminders; docs/outreach.md tells what it means. */

export type Way = 'chat' | 'sms' | 'phone';
export type RungState = 'planned' | 'queued' | 'sent' | 'held' | 'skipped' | 'failed';
export type Verdict = 'more' | 'fewer' | 'open' | 'too_few' | 'broken';
export type Depth = 'scene' | 'audience' | 'variant';

export interface Words {
  place: string;
  way: Way;
  audience: string | null;
  text: string;
}

export interface Scene {
  id: string;
  title: string;
  kind: 'selling' | 'service';
  goal: 'ordered' | 'paid' | 'confirmed' | 'none';
  waits: Record<string, number>;
  at: string[];
  in_campaign: number | null;
  audiences: string[];
  ladder: { way: Way; wait: number; at_least: string | null }[];
  words: Words[];
  capped: boolean;
  control: number;
  attributed_within: number;
  paused: boolean;
  paused_itself: boolean;
  today: { planned: number; sent: number; skipped: number; held: number; failed: number };
}

export interface Overview {
  scenes: Scene[];
  paused: boolean;
  quiet: { from: string; until: string };
  is_quiet: boolean;
  caps: { per_day: number; per_week: number; apart: number };
  cost: Record<Way, string>;
  may_edit: boolean;
  server_time: string;
}

export interface About {
  case: number;
  scene: string;
  scene_title: string;
  customer: { id: string | null; name: string; level: string | null; region: string | null; vip: boolean };
  chat: string | null;
  order_no: string | null;
  product_no: string | null;
  product: string | null;
  amount: string | null;
  arm: 'reminded' | 'control';
  converted: boolean;
}

export interface Rung {
  id: number;
  rung: number;
  way: Way;
  state: RungState;
  due_at: string;
  decided_at: string | null;
  sent_at: string | null;
  delivered_at: string | null;
  reason: string | null;
  reason_title: string | null;
  text: string;
  cost: string | null;
}

export type Step = Rung & About;

export interface Steps {
  steps: Step[];
  more: boolean;
  cursor: string | null;
  reasons?: { reason: string; title: string; count: number }[];
  server_time: string;
}

export interface ForeseenStep {
  scene: string;
  scene_title: string;
  /** What it is about, to tell two of one scene apart. */
  about: string;
  order_no: string | null;
  product: string | null;
  /** 0 of what is for nobody. */
  rung: number;
  way: Way | null;
  due_at: string | null;
  text: string;
  why_not: string | null;
}

export interface ForeseenSteps {
  /** Whether there is such a customer, visitor or order. */
  is_known: boolean;
  steps: ForeseenStep[];
}

export interface Course extends About {
  audience: string;
  variant: string;
  why: string | null;
  why_title: string | null;
  moment: string;
  region: string;
  state: 'open' | 'ended';
  exposed_at: string | null;
  watch_until: string | null;
  answered_at: string | null;
  converted_at: string | null;
  converted_order_no: string | null;
  recovered: string | null;
  unsubscribed_at: string | null;
  ended_at: string | null;
  ended_because: string | null;
  ended_title: string | null;
  rungs: Rung[];
}

export interface Contact extends About {
  id: number;
  way: 'sms' | 'phone';
  number: string;
  text: string;
  template: string;
  state: 'waiting' | 'sending' | 'sent' | 'delivered' | 'failed' | 'taken' | 'done';
  due_at: string;
  created_at: string;
  sent_at: string | null;
  delivered_at: string | null;
  provider: string;
  attempts: number;
  problem: string | null;
  taken_by: string | null;
  taken_at: string | null;
  outcome: string | null;
  outcome_title: string | null;
  note: string;
  done_at: string | null;
  cost: string | null;
  rung: number;
}

export interface Call extends Contact {
  mine: boolean;
  dial: string | null;
}

export interface CallList {
  calls: Call[];
  outcomes: { value: string; title: string }[];
}

export interface Edit {
  id: number;
  scene: string;
  place: string;
  before: string;
  after: string;
  by: string;
  at: string;
}

export interface Preview {
  text: string | null;
  problems: { message: string; remedy: string }[];
  /** What is good to know of words that can be used. */
  hints: string[];
  /** Of an SMS, with signature and the words that end it, as carriers count. */
  sms: { length: number; parts: number } | null;
  variables: { name: string; title: string; example: string }[];
}

/** A figure and between which two it lies with 95 % certainty. */
export interface Between {
  value: number;
  low: number;
  high: number;
}

export interface LiftLine {
  scene: string;
  title: string;
  goal: Scene['goal'];
  audience: string | null;
  variant: string | null;
  cases: number;
  customers: number;
  converted: number;
  control_cases: number;
  control_converted: number;
  watched: number;
  sent: number;
  delivered: number;
  answered: number;
  unsubscribed: number;
  cost: string;
  recovered: string;
  conversion: Between | null;
  control_conversion: Between | null;
  difference: Between | null;
  extra_conversions: Between | null;
  extra_revenue: Between | null;
  return_on_cost: Between | null;
  verdict: Verdict;
}

export interface LiftReport {
  lines: LiftLine[];
  together: {
    sent: number;
    delivered: number;
    answered: number;
    unsubscribed: number;
    cost: string;
    recovered: string;
    converted: number;
    cases: number;
  };
}

export interface Day {
  day: string;
  reminded: number;
  held: number;
  converted: number;
  recovered: string;
}
