/** The wishes of the pages of inspection. */

import { type Json, type Query, withQuery } from '../api';
import { useDesk } from '../desk';
import type { Agreement, Appeal, Inspected, OpenedInspection, Overview, Plan, Results, Task } from './inspectionWire';

const BASE = '/inspection';

export interface InspectionApi {
  overview: () => Promise<Overview>;
  chats: (query: Query) => Promise<{ chats: Inspected[]; more: boolean }>;
  chat: (id: number) => Promise<OpenedInspection>;
  tasks: (state: 'open' | 'scored') => Promise<(Task & { chat: Inspected })[]>;
  score: (task: number, points: Record<string, number>, comment: string) => Promise<{ task: Task; tasks_open: number }>;
  plans: () => Promise<Plan[]>;
  addPlan: (plan: Json) => Promise<Plan>;
  changePlan: (id: number, change: Json) => Promise<Plan>;
  draw: (id: number, week: string) => Promise<Plan>;
  agreement: () => Promise<Agreement[]>;
  appeals: (state: string) => Promise<Appeal[]>;
  appeal: (about: { finding: number } | { task: number }, text: string) => Promise<Appeal>;
  decide: (id: number, state: 'upheld' | 'withdrawn', reason: string) => Promise<Appeal>;
  agents: (weeks: number) => Promise<Results>;
}

const made = new WeakMap<object, InspectionApi>();

export function useInspectionApi(): InspectionApi {
  const { api } = useDesk();
  const known = made.get(api);
  if (known) return known;
  const { call } = api;
  const wishes: InspectionApi = {
    overview: async () => call<Overview>('GET', BASE),
    chats: async (query) => call('GET', withQuery(`${BASE}/chats`, query)),
    chat: async (id) => call<OpenedInspection>('GET', `${BASE}/chats/${id}`),
    tasks: async (state) =>
      (await call<{ tasks: (Task & { chat: Inspected })[] }>('GET', withQuery(`${BASE}/tasks`, { state }))).tasks,
    score: async (task, points, comment) => call('POST', `${BASE}/tasks/${task}/score`, { points, comment }),
    plans: async () => (await call<{ plans: Plan[] }>('GET', `${BASE}/plans`)).plans,
    addPlan: async (plan) => (await call<{ plan: Plan }>('POST', `${BASE}/plans`, plan)).plan,
    changePlan: async (id, change) => (await call<{ plan: Plan }>('PATCH', `${BASE}/plans/${id}`, change)).plan,
    draw: async (id, week) => (await call<{ plan: Plan }>('POST', `${BASE}/plans/${id}/draw`, { week })).plan,
    agreement: async () => (await call<{ agreement: Agreement[] }>('GET', `${BASE}/agreement`)).agreement,
    appeals: async (state) =>
      (await call<{ appeals: Appeal[] }>('GET', withQuery(`${BASE}/appeals`, { state }))).appeals,
    appeal: async (about, text) =>
      (await call<{ appeal: Appeal }>('POST', `${BASE}/appeals`, { ...about, text })).appeal,
    decide: async (id, state, reason) =>
      (await call<{ appeal: Appeal }>('POST', `${BASE}/appeals/${id}`, { state, reason })).appeal,
    agents: async (weeks) => call<Results>('GET', withQuery(`${BASE}/agents`, { weeks })),
  };
  made.set(api, wishes);
  return wishes;
}
