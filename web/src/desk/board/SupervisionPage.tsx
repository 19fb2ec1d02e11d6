import { App, Button, Dropdown, Progress, Segmented, Table, Tag } from 'antd';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { codeOf } from '../api';
import { inOrder, isIn } from '../boxes/order';
import { useDesk, usePermission, useSnapshot } from '../desk';
import { DeskIcon } from '../DeskIcon';
import { useServerNow } from '../serverClock';
import { Nothing, Waiting } from '../states';
import { TakeOverDialog, TransferDialog } from '../talk/dialogs';
import type { Chat, Presence } from '../wire';
import { wordsOf } from '../words';
import { boardApi } from './api';
import { EndDialog } from './EndDialog';
import { ListenDrawer } from './ListenDrawer';
import { RoutingPanel } from './RoutingPanel';
import { brief, measured, NONE, score, span } from './telling';
import { useBoard } from './useBoard';
import { useBoardWords, type BoardSay } from './words';
import type { AgentNow, AlarmNow } from './wire';
import './board.css';

const PRESENCES: readonly Presence[] = ['online', 'busy', 'away', 'offline'];
type Tab = 'talks' | 'routing';
interface Dialog {
  is: 'take' | 'reassign' | 'end';
  chat: Chat;
}

/** Who does what now, and a supervisor's hand in it. */
export default function SupervisionPage() {
  const desk = useDesk();
  const say = useBoardWords();
  const supervises = usePermission('chat.assign');
  const leave = useCallback(() => desk.api.onSignedOut(), [desk]);
  const { figures } = useBoard(leave);
  const rows = useSnapshot((snapshot) => snapshot.rows);
  const loaded = useSnapshot((snapshot) => snapshot.boxes.all.loaded);
  const [tab, setTab] = useState<Tab>('talks');
  const [listens, setListens] = useState<string | null>(null);
  const [dialog, setDialog] = useState<Dialog | null>(null);

  useEffect(() => {
    if (!supervises) return;
    // Whoever waits longest may stand on any page.
    void desk.load('all', true);
    void desk.load('queue', true);
  }, [desk, supervises]);
  const talks = useMemo(() => {
    const all = Object.values(rows);
    return [
      ...inOrder(
        all.filter((row) => isIn(row, 'queue', null)),
        'queue',
      ),
      ...inOrder(
        all.filter((row) => isIn(row, 'all', null)),
        'all',
      ),
    ];
  }, [rows]);

  if (!supervises) return <Nothing icon="shield" title={say('notAllowed')} />;
  const close = () => setDialog(null);
  return (
    <main className="Page Supervision">
      <header className="Page-head">
        <h1>{say('supervision')}</h1>
        <Segmented<Tab>
          value={tab}
          onChange={setTab}
          options={[
            { value: 'talks', label: say('talks') },
            { value: 'routing', label: say('routing') },
          ]}
        />
      </header>
      {tab === 'routing' ? (
        <RoutingPanel />
      ) : (
        <div className="Supervision-room">
          <section className="Supervision-talks">
            <Alarms alarms={figures?.alarms ?? []} onOpen={setListens} />
            <Talks
              talks={talks}
              loading={!loaded}
              onListen={setListens}
              onDialog={(is, chat) => setDialog({ is, chat })}
            />
          </section>
          <section className="Supervision-agents" aria-label={say('agents')}>
            {figures ? <Agents agents={figures.agents} /> : <Waiting />}
          </section>
        </div>
      )}
      {listens && (
        <ListenDrawer
          key={listens}
          chat={listens}
          onClose={() => setListens(null)}
          onDialog={(is, chat) => setDialog({ is, chat })}
        />
      )}
      {dialog?.is === 'take' && <TakeOverDialog chat={dialog.chat} onClose={close} />}
      {dialog?.is === 'reassign' && <TransferDialog chat={dialog.chat} onClose={close} />}
      {dialog?.is === 'end' && <EndDialog chat={dialog.chat} onClose={close} />}
    </main>
  );
}

function Alarms({ alarms, onOpen }: { alarms: readonly AlarmNow[]; onOpen: (chat: string) => void }) {
  const desk = useDesk();
  const say = useBoardWords();
  const { message } = App.useApp();
  const now = useServerNow();
  const [busy, setBusy] = useState<number | null>(null);
  if (alarms.length === 0) return null;
  const seeTo = (id: number) => {
    setBusy(id);
    boardApi
      .acknowledge(desk.api, id)
      .catch((error: unknown) => void message.error(wordsOf(error)))
      .finally(() => setBusy(null));
  };
  return (
    <ul className="AlarmList" aria-label={say('alarms')}>
      {alarms.map((alarm) => (
        <li key={alarm.id} data-alarm={alarm.id} data-state={alarm.state}>
          <DeskIcon name="bell" size={16} />
          <b>{alarm.title}</b>
          <span>{measured(alarm)}</span>
          <small>
            {[alarm.group?.title, alarm.agent?.name, span((now - Date.parse(alarm.opened_at)) / 1000)]
              .filter(Boolean)
              .join(' · ')}
          </small>
          {alarm.chat && (
            <Button size="small" type="link" onClick={() => onOpen(alarm.chat ?? '')}>
              {say('listen')}
            </Button>
          )}
          {alarm.state === 'open' ? (
            <Button size="small" loading={busy === alarm.id} onClick={() => seeTo(alarm.id)}>
              {say('acknowledge')}
            </Button>
          ) : (
            <small>{say('acknowledgedBy', alarm.acknowledged_by ?? NONE)}</small>
          )}
        </li>
      ))}
    </ul>
  );
}

interface TalksProps {
  talks: readonly Chat[];
  loading: boolean;
  onListen: (chat: string) => void;
  onDialog: (is: Dialog['is'], chat: Chat) => void;
}

function Talks({ talks, loading, onListen, onDialog }: TalksProps) {
  const say = useBoardWords();
  const now = useServerNow();
  const since = (iso: string | null) => (iso ? span((now - Date.parse(iso)) / 1000) : NONE);
  return (
    <Table
      size="small"
      rowKey="id"
      loading={loading}
      dataSource={[...talks]}
      pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
      locale={{ emptyText: <Nothing icon="chats" title={say('noTalks')} /> }}
      onRow={({ id }) => ({ 'data-chat': id }) as React.HTMLAttributes<HTMLTableRowElement>}
      columns={[
        {
          title: say('customer'),
          render: (_, row: Chat) => (
            <>
              {row.customer.name} {row.customer.vip && <Tag color="gold">VIP</Tag>}
              {row.mood && <Tag color="red">{row.mood === 'angry' ? '😡' : '🙁'}</Tag>}
              <small className="Soft">{row.channel_title}</small>
            </>
          ),
        },
        {
          title: say('agent'),
          width: 110,
          render: (_, row: Chat) =>
            row.agent ? row.agent.name : <Tag color="orange">{`${say('waiting')} ${row.position ?? ''}`}</Tag>,
        },
        { title: say('group'), width: 90, render: (_, row: Chat) => row.group?.title ?? NONE },
        { title: say('lasts'), width: 76, render: (_, row: Chat) => since(row.assigned_at ?? row.queued_at) },
        { title: say('waits'), width: 76, render: (_, row: Chat) => since(row.waiting_since) },
        {
          title: say('lastLine'),
          ellipsis: true,
          render: (_, row: Chat) => row.last?.text ?? row.question,
        },
        {
          title: '',
          width: 208,
          render: (_, row: Chat) => (
            <span className="RowDeeds">
              <Button size="small" onClick={() => onListen(row.id)}>
                {say('listen')}
              </Button>
              <Button size="small" onClick={() => onDialog('reassign', row)}>
                {say('reassign')}
              </Button>
              <Dropdown
                trigger={['click']}
                menu={{
                  items: [
                    { key: 'take', label: say('take') },
                    { key: 'end', label: say('end'), danger: true },
                  ],
                  onClick: ({ key }) => onDialog(key as 'take' | 'end', row),
                }}
              >
                <Button size="small" aria-label={`${say('take')} / ${say('end')}`}>
                  <DeskIcon name="more" size={14} />
                </Button>
              </Dropdown>
            </span>
          ),
        },
      ]}
    />
  );
}

function Agents({ agents }: { agents: readonly AgentNow[] }) {
  const desk = useDesk();
  const say = useBoardWords();
  const { message, modal } = App.useApp();
  const now = useServerNow();
  const set = async (agent: AgentNow, state: Presence, anyway: boolean): Promise<void> => {
    try {
      await boardApi.presenceOf(desk.api, agent.id, state, anyway);
      void message.success(say('presenceChanged', agent.name, say(state)));
    } catch (error) {
      if (codeOf(error) !== 'has_chats') {
        void message.error(wordsOf(error));
        return;
      }
      modal.confirm({ title: say('hasChats', agent.name), onOk: () => set(agent, state, true) });
    }
  };
  const ordered = [...agents].sort(
    (one, other) => PRESENCES.indexOf(one.presence) - PRESENCES.indexOf(other.presence) || other.load - one.load,
  );
  return (
    <ul className="AgentList">
      {ordered.map((agent) => (
        <li key={agent.id} data-agent={agent.id} data-presence={agent.presence}>
          <Dropdown
            trigger={['click']}
            menu={{
              selectedKeys: [agent.presence],
              items: PRESENCES.map((state) => ({ key: state, label: say(state) })),
              onClick: ({ key }) => void set(agent, key as Presence, false),
            }}
          >
            <button type="button" aria-label={`${agent.name} · ${say('changePresence')}`}>
              <i className="Dot" data-presence={agent.presence} />
              <b>{agent.name}</b>
              <small>
                {say(agent.presence)} {span((now - Date.parse(agent.presence_since)) / 1000)}
              </small>
            </button>
          </Dropdown>
          <Progress
            size="small"
            percent={agent.capacity ? Math.min(100, (100 * agent.load) / agent.capacity) : 0}
            format={() => `${agent.load}/${agent.capacity}`}
            status={agent.load > agent.capacity ? 'exception' : 'normal'}
          />
          <small className="Soft">{doneToday(agent, say)}</small>
        </li>
      ))}
    </ul>
  );
}

function doneToday({ talks, first_response, satisfaction }: AgentNow, say: BoardSay): string {
  return [
    `${say('talksToday')} ${talks ?? 0}`,
    `${say('columnFirst')} ${brief(first_response)}`,
    `${say('columnScore')} ${score(satisfaction)}`,
  ].join(' · ');
}
