import '../styles/tickets.css';
import { useCallback, useEffect, useState } from 'react';
import { useDesk } from '../desk';
import { goTo } from '../place';
import { Nothing, Trouble, Waiting } from '../states';
import { TicketCard } from './TicketCard';
import { useTicketApi, useTicketRules } from './ticketApi';
import type { Ticket } from './ticketWire';
import { useTicketWords, useTitle } from './ticketWords';

/** The tickets of whoever a conversation is with, for the panel beside it. */
export default function CustomerTickets({ chat }: { chat: string }) {
  const desk = useDesk();
  const api = useTicketApi();
  const rules = useTicketRules();
  const say = useTicketWords();
  const titled = useTitle();
  const [tickets, setTickets] = useState<readonly Ticket[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(
    () =>
      api.ofChat(chat).then(
        (read) => {
          setTickets(read.tickets);
          setError(null);
        },
        (refused: unknown) => setError(refused),
      ),
    [api, chat],
  );
  useEffect(() => {
    void load();
    return desk.hear((name) => {
      if (name === 'ticket') void load();
    });
  }, [desk, load]);
  if (error !== null) return <Trouble error={error} onRetry={() => void load()} />;
  if (!tickets || !rules) return <Waiting />;
  if (!tickets.length)
    return (
      <Nothing icon="ticket" title={say('none')}>
        {say('noneMore')}
      </Nothing>
    );
  return (
    <ul className="CustomerTickets" aria-label={say('ticketsOfCustomer')}>
      {tickets.map((ticket) => (
        <li key={ticket.id}>
          <button
            type="button"
            className="TicketCard"
            data-overdue={ticket.overdue}
            disabled={ticket.may === false}
            onClick={() => goTo({ page: 'tickets', chat: null, item: String(ticket.id) })}
          >
            <TicketCard ticket={ticket} type={rules.types.find(({ id }) => id === ticket.type)} />
            <span className="CustomerTickets-state">
              <i className="Mark">
                {titled(
                  rules.states.find(({ id }) => id === ticket.state),
                  ticket.state,
                )}
              </i>
              {ticket.group.title}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
