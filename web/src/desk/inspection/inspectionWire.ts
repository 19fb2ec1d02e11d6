/** What the routes below `/inspection` answer. */

import type { DeskMessage } from '../wire';

export type Risk = 'none' | 'low' | 'medium' | 'high';
export type Severity = 'minor' | 'major' | 'fatal';
export type AppealState = 'open' | 'upheld' | 'withdrawn';

export interface Rule {
  id: string;
  kind: string;
  title: string;
  why: string;
  weight: number;
  severity: Severity;
  audience: string[];
}

export interface Criterion {
  id: string;
  title: string;
  hint: string;
  points: number[];
  fatal: boolean;
}

export interface ScoringForm {
  id: string;
  title: string;
  criteria: Criterion[];
}

export interface Overview {
  rules: Rule[];
  forms: ScoringForm[];
  appeal_within: number;
  tasks_open: number;
  appeals_open: number;
  inspectors: { id: number; name: string; role: string }[];
  week: string;
  may: { all: boolean; score: boolean; plan: boolean; appeal: boolean };
}

export interface Finding {
  id: number;
  rule: string;
  title: string;
  why: string;
  kind: string;
  severity: Severity;
  weight: number;
  message: number | null;
  start: number | null;
  end: number | null;
  further: number[];
  detail: Record<string, unknown>;
  state: 'standing' | 'withdrawn';
  appeal: AppealState | null;
}

export interface Inspected {
  id: number;
  chat: string;
  who: 'person' | 'bot';
  agent: { id: string; name: string } | null;
  group: { id: string; title: string } | null;
  channel_title: string;
  began_at: string;
  ended_at: string;
  customer_lines: number;
  own_lines: number;
  state: 'done' | 'failed';
  score: number;
  risk: Risk;
  by_people: number | null;
  findings: Finding[];
  appeals_open: number;
  look_again_at: string | null;
}

export interface Task {
  id: number;
  inspection: number;
  week: string;
  ordinal: number;
  form: ScoringForm;
  state: 'open' | 'scored' | 'withdrawn';
  points: Record<string, number>;
  score: number | null;
  comment: string;
  inspector: { id: number; name: string } | null;
  scored_at: string | null;
}

export interface Appeal {
  id: number;
  inspection: number;
  finding: number | null;
  task: number | null;
  about: string | null;
  score: number | null;
  by: { id: number; name: string };
  text: string;
  state: AppealState;
  decided_by: string | null;
  reason: string;
  made_at: string;
}

export interface OpenedInspection {
  inspection: Inspected;
  messages: DeskMessage[];
  from: number | null;
  to: number | null;
  scores: Task[];
  task: Task | null;
  appeals: Appeal[];
  may: { appeal: boolean; decide: boolean; score: boolean };
}

export interface Plan {
  id: number;
  title: string;
  form: string;
  groups: string[];
  share: number;
  at_least: number;
  by_risk: Partial<Record<Risk, number>>;
  double_share: number;
  inspectors: { id: number; name: string }[];
  seed: number;
  active: boolean;
  draws: { week: string; chats: number; tasks: number; drawn_at: string }[];
}

export interface Agreement {
  criterion: string;
  title: string;
  count: number;
  kappa: number | null;
  same: number | null;
}

export interface AgentResult {
  agent_id: string;
  name: string;
  chats: number;
  score: number | null;
  flagged: number;
  high: number;
  scored: number;
  by_people: number | null;
  findings: Record<string, number>;
  appeals: number;
  withdrawn: number;
}

export interface Results {
  agents: AgentResult[];
  weeks: { week: string; agents: AgentResult[] }[];
}
