import { Alert, Button, Tabs } from 'antd';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useDesk, useSnapshot, useTalk } from '../desk';
import { Waiting } from '../states';
import type { CustomerPanel } from '../wire';
import { useWords, wordsOf } from '../words';
import { Deeds } from './Deeds';
import { History } from './History';
import { Notes } from './Notes';
import { Orders } from './Orders';
import { Overview } from './Overview';

const CustomerTickets = lazy(() => import('../tickets/CustomerTickets'));

export interface Beside {
  known: CustomerPanel | null;
  error: unknown;
  reload: () => void;
}

/** What is known about the customer, read anew when the conversation is. */
function useBeside(chat: string): Beside {
  const desk = useDesk();
  const beside = useSnapshot((snapshot) => snapshot.talks[chat]?.beside ?? 0);
  const [known, setKnown] = useState<CustomerPanel | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [again, setAgain] = useState(0);
  useEffect(() => {
    let current = true;
    desk.api.customer(chat).then(
      (read) => {
        if (!current) return;
        setKnown(read);
        setError(null);
      },
      (refused: unknown) => {
        if (current) setError(refused);
      },
    );
    return () => {
      current = false;
    };
  }, [desk, chat, beside, again]);
  return { known, error, reload: () => setAgain(again + 1) };
}

export function Panel({ chat }: { chat: string }) {
  const say = useWords();
  const talk = useTalk(chat);
  const row = useSnapshot((snapshot) => snapshot.rows[chat]);
  const beside = useBeside(chat);
  if (!talk || !row) return null;
  const missing = [...new Set([...(beside.known?.missing ?? []), ...(talk.packet?.missing ?? [])])];
  const notes = talk.notes.length;
  return (
    <aside className="Panel" aria-label={say('profile')}>
      {talk.may.deed && <Deeds chat={chat} onDone={beside.reload} />}
      {(beside.error !== null || missing.length > 0) && (
        <Alert
          className="Panel-missing"
          type="warning"
          showIcon
          message={beside.error === null ? say('missing', say('system')) : wordsOf(beside.error)}
          action={
            <Button size="small" onClick={beside.reload}>
              {say('retry')}
            </Button>
          }
        />
      )}
      <Tabs
        size="small"
        className="Panel-tabs"
        items={[
          {
            key: 'overview',
            label: say('panelOverview'),
            children: <Overview chat={row} talk={talk} beside={beside} />,
          },
          { key: 'orders', label: say('panelOrders'), children: <Orders chat={row} talk={talk} beside={beside} /> },
          { key: 'history', label: say('panelHistory'), children: <History chat={row} talk={talk} beside={beside} /> },
          {
            key: 'tickets',
            label: say('panelTickets'),
            children: (
              <Suspense fallback={<Waiting />}>
                <CustomerTickets chat={chat} />
              </Suspense>
            ),
          },
          {
            key: 'notes',
            label: notes ? `${say('panelNotes')} ${notes}` : say('panelNotes'),
            children: <Notes chat={chat} notes={talk.notes} />,
          },
        ]}
      />
    </aside>
  );
}
