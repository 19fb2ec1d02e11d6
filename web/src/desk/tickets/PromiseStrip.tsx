import '../styles/tickets.css';
import { App, Button } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useDesk } from '../desk';
import { DeskIcon } from '../DeskIcon';
import { wordsOf } from '../words';
import { DueClock } from './DueClock';
import { useTicketApi } from './ticketApi';
import type { Promised } from './ticketWire';
import { useTicketWords } from './ticketWords';

/** What was promised in a conversation and is still to be kept; read anew when something happens to it. */
export function usePromises(chat: string): readonly Promised[] {
  const desk = useDesk();
  const api = useTicketApi();
  const [promises, setPromises] = useState<readonly Promised[]>([]);
  const load = useCallback(
    () =>
      api.ofChat(chat).then(
        (read) => setPromises(read.promises.filter(({ state }) => state === 'proposed' || state === 'open')),
        () => undefined,
      ),
    [api, chat],
  );
  useEffect(() => {
    void load();
    return desk.hear((name, data) => {
      if ((name === 'promise' || name === 'ticket') && data.chat === chat) void load();
      if (name === 'hello' && data.resumed !== true) void load();
    });
  }, [desk, chat, load]);
  return promises;
}

export default function PromiseStrip({ chat, onRaise }: { chat: string; onRaise: () => void }) {
  const api = useTicketApi();
  const say = useTicketWords();
  const { message } = App.useApp();
  const promises = usePromises(chat);
  const settle = useCallback(
    (promise: Promised, how: 'keep' | 'done' | 'drop') =>
      void api.settle(promise.id, how).catch((error: unknown) => void message.error(wordsOf(error))),
    [api, message],
  );
  const proposed = promises.find(({ state }) => state === 'proposed');
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.code !== 'KeyK' || !proposed) return;
      event.preventDefault();
      settle(proposed, event.shiftKey ? 'drop' : 'keep');
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [proposed, settle]);

  if (promises.length === 0) return null;
  return (
    <ul className="PromiseStrip" aria-label={say('promises')} aria-live="polite">
      {promises.map((promise) => (
        <li key={promise.id} data-state={promise.state} data-overdue={promise.overdue}>
          <DeskIcon name="bell" size={14} />
          <span className="PromiseStrip-words">
            {say(promise.state === 'proposed' ? 'proposal' : 'promised')} <b>{promise.words}</b>
          </span>
          <DueClock due={promise} />
          {promise.state === 'proposed' ? (
            <>
              <Button size="small" type="primary" title="Alt+K" onClick={() => settle(promise, 'keep')}>
                {say('keep')}
              </Button>
              <Button size="small" type="text" title="Alt+Shift+K" onClick={() => settle(promise, 'drop')}>
                {say('drop')}
              </Button>
            </>
          ) : (
            <>
              {promise.ticket === null && (
                <Button size="small" type="link" onClick={onRaise}>
                  {say('raiseFor')}
                </Button>
              )}
              <Button size="small" type="text" onClick={() => settle(promise, 'done')}>
                {say('done')}
              </Button>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
