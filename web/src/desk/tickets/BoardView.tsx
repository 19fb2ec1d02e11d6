import { Tag } from 'antd';
import { type DragEvent, type KeyboardEvent, useRef, useState } from 'react';
import { TicketCard } from './TicketCard';
import type { Column, Ticket, TicketRules } from './ticketWire';
import { useTicketWords, useTitle } from './ticketWords';

interface BoardProps {
  columns: readonly Column[];
  rules: TicketRules;
  onOpen: (ticket: Ticket) => void;
  /** A ticket was put into another column; whether it may go there has been asked already. */
  onMove: (ticket: Ticket, to: string) => void;
}

const MIME = 'application/x-sixty-ticket';

/** Where a ticket may go, in the order of the columns. */
export function waysOf(ticket: Ticket, rules: TicketRules): string[] {
  const own = rules.types.find(({ id }) => id === ticket.type)?.states;
  const to = rules.transitions.filter(({ from }) => from === ticket.state).flatMap((each) => each.to);
  return rules.states.map(({ id }) => id).filter((id) => to.includes(id) && (own?.includes(id) ?? true));
}

/** Columns by state. Cards are dragged, or moved with the keyboard: arrows choose, Shift and an arrow moves. */
export function BoardView({ columns, rules, onOpen, onMove }: BoardProps) {
  const say = useTicketWords();
  const titled = useTitle();
  const [dragged, setDragged] = useState<Ticket | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const board = useRef<HTMLDivElement>(null);
  const may = dragged ? waysOf(dragged, rules) : [];

  const focusCard = (column: number, row: number) => {
    const lists = board.current?.querySelectorAll<HTMLElement>('.Board-cards') ?? [];
    const cards = lists[column]?.querySelectorAll<HTMLElement>('.TicketCard') ?? [];
    cards[Math.max(0, Math.min(row, cards.length - 1))]?.focus();
  };
  const onKey = (event: KeyboardEvent, ticket: Ticket, column: number, row: number) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (event.key === 'Enter' || event.key === ' ') onOpen(ticket);
    else if (event.key === 'ArrowDown') focusCard(column, row + 1);
    else if (event.key === 'ArrowUp') focusCard(column, row - 1);
    else if (step && event.shiftKey) {
      const order = rules.states.map(({ id }) => id);
      const here = order.indexOf(ticket.state);
      const ways = waysOf(ticket, rules).filter((id) => (order.indexOf(id) - here) * step > 0);
      const to = step > 0 ? ways[0] : ways[ways.length - 1];
      if (to) onMove(ticket, to);
    } else if (step) {
      for (let next = column + step; columns[next]; next += step) {
        if (columns[next]?.tickets.length) {
          focusCard(next, row);
          break;
        }
      }
    } else return;
    event.preventDefault();
  };
  const drop = (event: DragEvent, state: string) => {
    event.preventDefault();
    setOver(null);
    if (dragged && dragged.state !== state) onMove(dragged, state);
    setDragged(null);
  };

  return (
    <div className="Board" ref={board} data-dragging={dragged !== null}>
      {columns.map(({ state, count, more, tickets }, column) => {
        const named = rules.states.find(({ id }) => id === state);
        return (
          // A place to drop on; what can be done with a mouse here, a focused card does with keys.
          // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
          <section
            key={state}
            className="Board-column"
            aria-label={titled(named, state)}
            data-state={state}
            data-over={over === state}
            data-may={dragged ? may.includes(state) || dragged.state === state : undefined}
            onDragOver={(event) => {
              if (!dragged || (dragged.state !== state && !may.includes(state))) return;
              event.preventDefault();
              setOver(state);
            }}
            onDragLeave={() => setOver((now) => (now === state ? null : now))}
            onDrop={(event) => drop(event, state)}
          >
            <h2>
              {titled(named, state)}
              <Tag bordered={false}>{count}</Tag>
            </h2>
            <ul className="Board-cards">
              {tickets.map((ticket, row) => (
                <li key={ticket.id}>
                  <div
                    className="TicketCard"
                    role="button"
                    tabIndex={0}
                    draggable
                    aria-keyshortcuts="Shift+ArrowRight Shift+ArrowLeft"
                    data-ticket={ticket.id}
                    data-overdue={ticket.overdue}
                    data-urgent={ticket.urgent}
                    onClick={() => onOpen(ticket)}
                    onKeyDown={(event) => onKey(event, ticket, column, row)}
                    onDragStart={(event) => {
                      event.dataTransfer.setData(MIME, String(ticket.id));
                      event.dataTransfer.effectAllowed = 'move';
                      setDragged(ticket);
                    }}
                    onDragEnd={() => {
                      setDragged(null);
                      setOver(null);
                    }}
                  >
                    <TicketCard ticket={ticket} type={rules.types.find(({ id }) => id === ticket.type)} />
                  </div>
                </li>
              ))}
              {more && <li className="Board-more">{say('more')}</li>}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
