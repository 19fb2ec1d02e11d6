import '../styles/inspection.css';
import { Tabs } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useDesk } from '../desk';
import { goTo } from '../place';
import { Nothing, Trouble, Waiting } from '../states';
import { AgentsTab } from './AgentsTab';
import { AppealsTab } from './AppealsTab';
import { ChatsTab } from './ChatsTab';
import { useInspectionApi } from './inspectionApi';
import type { Overview } from './inspectionWire';
import { useInspectionWords } from './inspectionWords';
import { PlansTab } from './PlansTab';
import { TasksTab } from './TasksTab';

type Tab = 'chats' | 'tasks' | 'appeals' | 'agents' | 'plans';

function open(item: Tab | number): void {
  goTo({ page: 'inspection', chat: null, item: item === 'chats' ? null : String(item) });
}

/** What was found in closed chats; what is open is an inspection's number, or the name of a tab. */
export default function InspectionPage({ item }: { item: string | null }) {
  const desk = useDesk();
  const say = useInspectionWords();
  const api = useInspectionApi();
  const [overview, setOverview] = useState<Overview | null>(null);
  const [error, setError] = useState<unknown>(null);

  const load = useCallback(
    () =>
      api.overview().then(
        (found) => {
          setOverview(found);
          setError(null);
        },
        (refused: unknown) => setError(refused),
      ),
    [api],
  );
  useEffect(() => {
    void load();
    desk.loadAgents().catch(() => undefined);
  }, [load, desk]);

  if (error) return <Trouble error={error} onRetry={() => void load()} />;
  if (!overview) return <Waiting />;
  const { may } = overview;
  const sees = may.all || may.appeal;
  const chosen = item !== null && /^\d+$/.test(item) ? Number(item) : null;
  const wanted: Tab = chosen !== null || item === null ? (sees ? 'chats' : 'tasks') : (item as Tab);
  const counted = (word: string, count: number) => (count ? `${word} ${count}` : word);
  const items = [
    {
      key: 'chats',
      shown: sees,
      label: say('tabChats'),
      children: <ChatsTab overview={overview} open={chosen} onOpen={open} />,
    },
    {
      key: 'tasks',
      shown: may.score,
      label: counted(say('tabTasks'), overview.tasks_open),
      children: <TasksTab onCounted={() => void load()} />,
    },
    {
      key: 'appeals',
      shown: sees,
      label: counted(say('tabAppeals'), overview.appeals_open),
      children: <AppealsTab decides={may.plan} onOpen={open} onCounted={() => void load()} />,
    },
    {
      key: 'agents',
      shown: sees,
      label: say(may.all ? 'tabAgents' : 'tabMine'),
      children: <AgentsTab overview={overview} />,
    },
    { key: 'plans', shown: may.plan, label: say('tabPlans'), children: <PlansTab overview={overview} /> },
  ].filter(({ shown }) => shown);

  if (items.length === 0) return <Nothing icon="shield" title={say('nothingYet')} />;
  return (
    <main className="Page Inspection">
      <Tabs
        activeKey={items.some(({ key }) => key === wanted) ? wanted : (items[0]?.key ?? wanted)}
        onChange={(key) => open(key as Tab)}
        destroyOnHidden
        items={items.map(({ key, label, children }) => ({ key, label, children }))}
      />
    </main>
  );
}
