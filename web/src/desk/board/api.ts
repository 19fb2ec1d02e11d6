/** What the board, supervision and people's figures ask the workbench's API for. */

import { type Api, type Json, type Query, withQuery } from '../api';
import type { Agent, Whisper } from '../wire';
import type { AlarmNow, People, RoutingNow, Saved, Schedule } from './wire';

const of = (chat: string) => `/chats/${encodeURIComponent(chat)}`;

export const boardApi = {
  acknowledge: async (api: Api, alarm: number) =>
    (await api.call<{ alarm: AlarmNow }>('POST', `/board/alarms/${alarm}/acknowledge`, {})).alarm,
  presenceOf: async (api: Api, agent: string, state: string, anyway: boolean) =>
    api.call<Agent>('PUT', `/agents/${encodeURIComponent(agent)}/presence`, { state, anyway }),
  listen: async (api: Api, chat: string) => api.call<null>('POST', `${of(chat)}/listen`, {}),
  whispers: async (api: Api, chat: string) =>
    (await api.call<{ whispers: Whisper[] }>('GET', `${of(chat)}/whispers`)).whispers,
  whisper: async (api: Api, chat: string, text: string) =>
    (await api.call<{ whisper: Whisper }>('POST', `${of(chat)}/whisper`, { text })).whisper,
  routing: async (api: Api) => api.call<RoutingNow>('GET', '/routing'),
  changeRouting: async (api: Api, change: Json) => api.call('POST', '/routing', change),
  restoreRouting: async (api: Api, id: number) => api.call('DELETE', `/routing/${id}`),
  people: async (api: Api, query: Query) => api.call<People>('GET', withQuery('/people', query)),
  schedule: async (api: Api, query: Query) => api.call<Schedule>('GET', withQuery('/people/schedule', query)),
  saved: async (api: Api, query: Query) => api.call<Saved>('GET', withQuery('/people/saved', query)),
};
