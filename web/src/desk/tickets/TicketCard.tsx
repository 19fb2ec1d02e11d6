import { channelIcon } from '../boxes/ChatRow';
import { DeskIcon } from '../DeskIcon';
import { Face } from '../Face';
import { DueClock } from './DueClock';
import type { Ticket, TicketType } from './ticketWire';
import { useTicketWords, useTitle } from './ticketWords';

/** A ticket in three lines: what, for whom, by when and with whom. */
export function TicketCard({ ticket, type }: { ticket: Ticket; type: TicketType | undefined }) {
  const say = useTicketWords();
  const titled = useTitle();
  return (
    <>
      <p className="TicketCard-top">
        <i className="Mark">{titled(type, ticket.type)}</i>
        {ticket.urgent && <i className="Mark Mark--angry">{say('urgent')}</i>}
        <span className="TicketCard-no">{ticket.no}</span>
      </p>
      <p className="TicketCard-title">{ticket.title}</p>
      <p className="TicketCard-foot">
        <span className="TicketCard-who">
          {ticket.channel && <DeskIcon name={channelIcon(ticket.channel)} size={13} />}
          {ticket.customer.name}
          {ticket.customer.vip && <i className="Mark Mark--vip">VIP</i>}
        </span>
        <DueClock due={ticket} />
        {ticket.agent ? (
          <span title={ticket.agent.name}>
            <Face name={ticket.agent.name} id={ticket.agent.id} size={20} />
            <span className="OnlySpoken">{ticket.agent.name}</span>
          </span>
        ) : (
          <small>{ticket.closed_at ? '' : say('nobody')}</small>
        )}
      </p>
    </>
  );
}
