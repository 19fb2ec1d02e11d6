import { Button } from 'antd';
import { useDesk } from '../desk';
import { hour } from '../moments';
import { useWhispers } from './useWhispers';
import { useBoardWords } from './words';

/** What supervisors whispered in a talk; never shown to a customer. */
export function WhisperStrip({ chat }: { chat: string }) {
  const say = useBoardWords();
  const whispers = useWhispers(chat);
  if (whispers.length === 0) return null;
  return (
    <aside className="Whispers" aria-label={say('whispers')} aria-live="polite">
      <small>{say('whispers')}</small>
      <ul>
        {whispers.slice(-3).map(({ id, name, text, at }) => (
          <li key={id}>
            <b>{name}</b> {text} <time>{hour(at)}</time>
          </li>
        ))}
      </ul>
    </aside>
  );
}

/** Says that one writes in a colleague's talk, and lets one go again. */
export function GuestStrip({ chat }: { chat: string }) {
  const desk = useDesk();
  const say = useBoardWords();
  return (
    <p className="GuestStrip" role="status">
      {say('guest')}
      <Button size="small" onClick={() => void desk.move(chat, 'leave')}>
        {say('leave')}
      </Button>
    </p>
  );
}
