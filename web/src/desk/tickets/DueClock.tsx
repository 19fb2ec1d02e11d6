import { DeskIcon } from '../DeskIcon';
import { moment } from '../moments';
import { useServerNow } from '../serverClock';
import { useLanguage } from '../words';
import { type SayTicket, useTicketWords } from './ticketWords';

const SOON_MS = 60 * 60_000;

/** 150000 → "3分钟"; the largest two units only. */
export function spanOf(ms: number, english: boolean): string {
  const minutes = Math.max(1, Math.round(Math.abs(ms) / 60_000));
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const [d, h, m] = english ? [' d', ' h', ' min'] : ['天', '小时', '分钟'];
  if (days) return `${days}${d}${hours ? `${english ? ' ' : ''}${hours}${h}` : ''}`;
  return hours ? `${hours}${h}${rest ? `${english ? ' ' : ''}${rest}${m}` : ''}` : `${rest}${m}`;
}

interface Due {
  due_at: string | null;
  closed_at?: string | null;
  was_overdue?: boolean;
  kind?: string;
}

function wordsFor(due: Due, now: number, english: boolean, say: SayTicket): { words: string; is: string } | null {
  if (due.closed_at) return due.was_overdue ? { words: say('doneLate'), is: 'was' } : null;
  if (due.kind === 'waiting') return { words: say('standsStill'), is: 'still' };
  if (!due.due_at) return { words: say('noDue'), is: 'still' };
  const left = Date.parse(due.due_at) - now;
  const span = spanOf(left, english);
  if (left < 0) return { words: say('late', span), is: 'late' };
  return { words: say('left', span), is: left < SOON_MS ? 'soon' : 'fine' };
}

/** How much time there is left, or how late it is. */
export function DueClock({ due }: { due: Due }) {
  const say = useTicketWords();
  const language = useLanguage();
  const now = useServerNow();
  const said = wordsFor(due, now, language === 'en', say);
  if (!said) return null;
  return (
    <span
      className="DueClock"
      data-is={said.is}
      title={due.due_at ? say('dueAt', moment(due.due_at, now, language)) : undefined}
    >
      <DeskIcon name="clock" size={13} />
      {said.words}
    </span>
  );
}
