/** What the board's, supervision's and people's parts of the API answer. */

import type { Presence } from '../wire';

export interface Figures {
  at: string;
  day: string;
  now: {
    waiting: number;
    longest_wait: number;
    left: number;
    in_service: number;
    wrapping_up: number;
    with_bot: number;
    online: number;
    busy: number;
    away: number;
    offline: number;
    slots: number;
    load: number;
  };
  today: DayFigures;
  yesterday: DayFigures;
  tickets: { open: number; due_today: number; overdue: number };
  course: { today: [number, number][]; yesterday: [number, number][] };
  by: Record<Dimension, Cell[]>;
  agents: AgentNow[];
  alarms: AlarmNow[];
}

export interface DayFigures {
  chats: number;
  handed_over: number;
  bot_share: number | null;
  resolution: number | null;
  first_response: number | null;
  in_time: number | null;
  satisfaction: number | null;
  content: number | null;
  ratings: number;
}

export const DIMENSIONS = ['group', 'channel', 'region', 'category', 'skill'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface Cell {
  key: string;
  title: string;
  waiting: number;
  longest_wait: number;
  in_service: number;
  chats: number;
  handed_over: number;
  bot_share: number | null;
  resolution: number | null;
  first_response: number | null;
  satisfaction: number | null;
}

export interface AgentNow {
  id: string;
  name: string;
  groups: string[];
  skills: string[];
  presence: Presence;
  presence_since: string;
  load: number;
  capacity: number;
  talks?: number;
  first_response?: number | null;
  satisfaction?: number | null;
}

export interface AlarmNow {
  id: number;
  rule: string;
  what: string;
  title: string;
  state: 'open' | 'acknowledged' | 'closed';
  chat: string | null;
  agent: { id: string; name: string } | null;
  group: { id: string; title: string } | null;
  measured: number;
  worst: number;
  threshold: number;
  opened_at: string;
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  closed_at: string | null;
}

export type Kind = 'overflow' | 'hours' | 'ahead' | 'longest' | 'capacity' | 'help';
export const KINDS: readonly Kind[] = ['overflow', 'hours', 'ahead', 'longest', 'capacity', 'help'];

export interface RoutingChange {
  id: number;
  kind: Kind;
  target: string;
  title: string;
  value: Record<string, unknown>;
  why: string;
  by: string | null;
  created_at: string;
  until: string;
  ended_at: string | null;
  ended_by: string | null;
  end: 'expired' | 'taken_back' | 'replaced' | null;
}

export interface RoutingNow {
  groups: {
    id: string;
    title: string;
    open: boolean;
    hours_today: string;
    overflow_to: string | null;
    overflow_after: number;
    longest: number;
  }[];
  ahead: { id: string; title: string; seconds: number }[];
  conditions: { id: string; title: string }[];
  agents: { id: string; name: string; groups: string[]; capacity: number }[];
  in_force: RoutingChange[];
  trail: RoutingChange[];
  more: boolean;
}

export interface PeopleRow {
  day: string | null;
  agent: string | null;
  agent_name: string | null;
  group: string | null;
  group_title: string | null;
  talks: number;
  at_once: number;
  at_once_most: number;
  first_response: number | null;
  first_response_office: number | null;
  unanswered: number;
  in_time: number | null;
  mean_response: number | null;
  mean_response_office: number | null;
  handling: number | null;
  finished: number;
  resolved: number;
  resolution: number | null;
  ratings: number;
  satisfaction: number | null;
  orders: number;
  order_amount: string;
  conversion: number | null;
}

export interface People {
  rows: PeopleRow[];
  total: PeopleRow;
  from: string;
  to: string;
  own: boolean;
  assumptions: Record<string, string>;
}

export interface HalfHour {
  arrivals: number;
  open: boolean;
  agents: number;
  on_duty: number;
  in_time: number;
  mean_wait: number;
  used: number;
}

export interface Schedule {
  days: HalfHour[][];
  week_of: string;
  assumptions: {
    share: number;
    within: number;
    at_once: number;
    absent: number;
    observed_days: number;
    observed_arrivals: number;
    observed_talks: number;
    observed_seconds: number;
    observed_at_once: number;
    seconds_alone: number;
    seconds_full: number;
  };
}

export interface Saved {
  visits: number;
  alone: number;
  needs_person: string;
  minutes: string | null;
  observed: boolean;
  hour_costs: string;
  hours: string | null;
  amount: string | null;
}
