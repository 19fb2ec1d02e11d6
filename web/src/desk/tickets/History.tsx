import { DeskIcon, type IconName } from '../DeskIcon';
import { moment } from '../moments';
import { serverNow } from '../serverClock';
import { useLanguage } from '../words';
import type { EntryKind, TicketEntry, TicketRules } from './ticketWire';
import { type SayTicket, type TicketWord, useTicketWords, useTitle } from './ticketWords';

const SIGNS: Readonly<Record<EntryKind, IconName>> = {
  created: 'plus',
  moved: 'swap',
  changed: 'note',
  comment: 'chats',
  file: 'picture',
  told: 'send',
  overdue: 'alert',
  escalated: 'bell',
};
const REMINDED: Readonly<Record<string, TicketWord>> = {
  agent: 'remindedAgent',
  group: 'remindedGroup',
  supervisor: 'remindedSupervisor',
};
const NAMES = ['title', 'text', 'type', 'fields', 'group', 'agent', 'urgent'] as const;

function lead(entry: TicketEntry, say: SayTicket, state: (id: string | null) => string): string {
  const who = entry.by.name;
  switch (entry.kind) {
    case 'created':
      return say('raisedBy', who);
    case 'moved':
      return say('movedBy', who, state(entry.before), state(entry.after));
    case 'changed':
      return say(
        'changedBy',
        who,
        NAMES.filter((name) => name in entry.data)
          .map((name) => say(`field.${name}`))
          .join('、'),
      );
    case 'comment':
      return who;
    case 'file':
      return say('fileBy', who);
    case 'told':
      return say('toldCustomer');
    case 'overdue':
      return say('becameOverdue');
    case 'escalated':
      return say(REMINDED[String(entry.data.to)] ?? 'remindedGroup');
  }
}

/** All that happened to a ticket, the newest first. */
export function History({ entries, rules }: { entries: readonly TicketEntry[]; rules: TicketRules }) {
  const say = useTicketWords();
  const titled = useTitle();
  const language = useLanguage();
  const state = (id: string | null) =>
    titled(
      rules.states.find((each) => each.id === id),
      id ?? '',
    );
  return (
    <ol className="TicketHistory" aria-label={say('history')}>
      {[...entries].reverse().map((entry) => (
        <li key={entry.id} data-kind={entry.kind}>
          <DeskIcon name={SIGNS[entry.kind]} size={14} />
          <div>
            <p>
              <b>{lead(entry, say, state)}</b>
              <time dateTime={entry.at}>{moment(entry.at, serverNow(), language)}</time>
            </p>
            {entry.text && <p className="TicketHistory-text">{entry.text}</p>}
            {entry.kind === 'changed' && <Differences data={entry.data} />}
            {entry.file &&
              (entry.file.kind === 'picture' ? (
                <a href={entry.file.url} target="_blank" rel="noreferrer">
                  <img src={entry.file.url} alt={entry.file.name || say('files')} />
                </a>
              ) : (
                <a href={entry.file.url} target="_blank" rel="noreferrer">
                  <DeskIcon name="file" size={13} /> {entry.file.name || entry.file.kind}
                </a>
              ))}
          </div>
        </li>
      ))}
    </ol>
  );
}

function Differences({ data }: { data: Readonly<Record<string, unknown>> }) {
  const shown = NAMES.filter((name) => name !== 'text' && name !== 'fields').flatMap((name) => {
    const change = data[name];
    return Array.isArray(change) ? [`${shortly(change[0])} → ${shortly(change[1])}`] : [];
  });
  return shown.length ? <p className="TicketHistory-text">{shown.join('；')}</p> : null;
}

function shortly(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  if (typeof value === 'boolean') return value ? '✓' : '—';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
}
