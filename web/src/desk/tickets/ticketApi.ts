/** What the pages of tickets ask of the workbench's API. */

import { useEffect, useState } from 'react';
import { type Api, type Query, withQuery } from '../api';
import { useDesk } from '../desk';
import type { Column, Promised, Ticket, TicketDraft, TicketRules, ViewCounts, WholeTicket } from './ticketWire';

export class TicketApi {
  private readonly api: Api;

  constructor(api: Api) {
    this.api = api;
  }

  rules = async () => this.api.call<TicketRules>('GET', '/tickets/rules');
  list = async (query: Query) =>
    this.api.call<{ tickets: Ticket[]; more: boolean; counts: ViewCounts }>('GET', withQuery('/tickets', query));
  board = async (query: Query) =>
    this.api.call<{ columns: Column[]; counts: ViewCounts }>('GET', withQuery('/tickets/board', query));
  one = async (id: number) => (await this.api.call<{ ticket: WholeTicket }>('GET', `/tickets/${id}`)).ticket;
  raise = async (wish: Record<string, unknown>) =>
    (await this.api.call<{ ticket: WholeTicket }>('POST', '/tickets', wish)).ticket;
  move = async (id: number, wish: Record<string, unknown>) =>
    (await this.api.call<{ ticket: WholeTicket }>('POST', `/tickets/${id}/move`, wish)).ticket;
  change = async (id: number, wish: Record<string, unknown>) =>
    (await this.api.call<{ ticket: WholeTicket }>('PATCH', `/tickets/${id}`, wish)).ticket;
  comment = async (id: number, text: string) =>
    (await this.api.call<{ ticket: WholeTicket }>('POST', `/tickets/${id}/comments`, { text })).ticket;
  attach = async (id: number, file: File) =>
    (
      await this.api.call<{ ticket: WholeTicket }>('POST', `/tickets/${id}/files`, file, {
        'Content-Type': file.type || 'application/octet-stream',
        'X-File-Name': encodeURIComponent(file.name.slice(-80)),
      })
    ).ticket;
  draft = async (chat: string, type?: string) =>
    (
      await this.api.call<{ draft: TicketDraft }>(
        'GET',
        withQuery(`/chats/${encodeURIComponent(chat)}/ticket-draft`, { type }),
      )
    ).draft;
  ofChat = async (chat: string) =>
    this.api.call<{ tickets: Ticket[]; more: boolean; promises: Promised[] }>(
      'GET',
      `/chats/${encodeURIComponent(chat)}/tickets`,
    );
  promises = async () => (await this.api.call<{ promises: Promised[] }>('GET', '/promises')).promises;
  settle = async (id: number, how: 'keep' | 'done' | 'drop') =>
    (await this.api.call<{ promise: Promised }>('POST', `/promises/${id}/${how}`, {})).promise;
}

export function useTicketApi(): TicketApi {
  const desk = useDesk();
  const [api] = useState(() => new TicketApi(desk.api));
  return api;
}

let asked: Promise<TicketRules> | null = null;

/** The playbook's rules of tickets, asked for once. */
export function useTicketRules(): TicketRules | null {
  const api = useTicketApi();
  const [rules, setRules] = useState<TicketRules | null>(null);
  useEffect(() => {
    let current = true;
    asked ??= api.rules();
    asked.then(
      (read) => {
        if (current) setRules(read);
      },
      () => (asked = null),
    );
    return () => {
      current = false;
    };
  }, [api]);
  return rules;
}
