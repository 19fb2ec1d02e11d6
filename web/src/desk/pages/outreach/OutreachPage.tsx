import { Tabs } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { usePermission } from '../../desk';
import { Nothing, Waiting } from '../../states';
import { CallsView } from './CallsView';
import { LogView } from './LogView';
import { OutboxView } from './OutboxView';
import { TodayView } from './TodayView';
import { useOutreachWords } from './words';
import './outreach.css';

// Plots are a good part of a megabyte, and most days nobody looks at them.
const LiftView = lazy(() => import('./LiftView'));

/** What the bot says first, to whom and why, and what that brings about. */
export default function OutreachPage() {
  const say = useOutreachWords();
  const reads = usePermission('outreach.read');
  const calls = usePermission('outreach.call');
  const [tab, setTab] = useState('');

  const tabs = [
    { key: 'today', label: say('today'), shown: reads, children: <TodayView /> },
    { key: 'log', label: say('log'), shown: reads, children: <LogView /> },
    {
      key: 'lift',
      label: say('lift'),
      shown: reads,
      children: (
        <Suspense fallback={<Waiting />}>
          <LiftView />
        </Suspense>
      ),
    },
    { key: 'outbox', label: say('outbox'), shown: reads, children: <OutboxView /> },
    { key: 'calls', label: say('calls'), shown: calls, children: <CallsView /> },
  ].filter(({ shown }) => shown);

  if (!tabs.length) return <Nothing icon="shield" title={say('notAllowed')} />;
  return (
    <main className="Page Outreach">
      <header className="Page-head">
        <h1>{say('title')}</h1>
      </header>
      <Tabs
        activeKey={tab || (tabs[0]?.key ?? '')}
        onChange={setTab}
        destroyOnHidden
        items={tabs.map(({ key, label, children }) => ({ key, label, children }))}
      />
    </main>
  );
}
