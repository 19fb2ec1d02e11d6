import '../styles/tickets.css';
import { App, Button, Input, Segmented, Select, Table } from 'antd';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useRemembered } from '../../browser';
import type { Query } from '../api';
import { useDesk, useSnapshot } from '../desk';
import { moment } from '../moments';
import { goTo, openChat } from '../place';
import { serverNow } from '../serverClock';
import { Nothing, Trouble, Waiting } from '../states';
import { useLanguage, wordsOf } from '../words';
import { BoardView, waysOf } from './BoardView';
import { DueClock } from './DueClock';
import { MoveDialog } from './MoveDialog';
import RaiseDialog from './RaiseDialog';
import { TicketDrawer } from './TicketDrawer';
import { useTicketApi, useTicketRules } from './ticketApi';
import type { Column, Promised, Ticket, TicketRules, ViewCounts, WholeTicket } from './ticketWire';
import { useTicketWords, useTitle } from './ticketWords';

type View = 'mine' | 'unassigned' | 'open' | 'overdueView' | 'all' | 'promises';
type Shape = 'board' | 'list';

const TYPED_MS = 250;
const STIRRED_MS = 300;
const PAGE = 50;

function open(id: number | null): void {
  goTo({ page: 'tickets', chat: null, item: id === null ? null : String(id) });
}

function queryOf(view: View, me: string | null): Query {
  if (view === 'mine') return { agent: me ?? '-' };
  if (view === 'unassigned') return { unassigned: 'true' };
  if (view === 'overdueView') return { late: 'overdue' };
  return {};
}

interface Found {
  columns: readonly Column[];
  tickets: readonly Ticket[];
  promises: readonly Promised[];
  more: boolean;
  counts: ViewCounts | null;
}

const NOTHING: Found = { columns: [], tickets: [], promises: [], more: false, counts: null };

/** Tickets as a board by state or as a list, with one of them open beside it. */
export default function TicketsPage({ item }: { item: string | null }) {
  const desk = useDesk();
  const api = useTicketApi();
  const rules = useTicketRules();
  const say = useTicketWords();
  const titled = useTitle();
  const { message } = App.useApp();
  const me = useSnapshot((snapshot) => snapshot.me.agent?.id ?? null);
  const groups = useSnapshot((snapshot) => snapshot.me.groups);
  const [kept, keep] = useRemembered('sixty.desk.tickets', 'local');
  const shape: Shape = kept === 'list' ? 'list' : 'board';
  const [view, setView] = useState<View>('open');
  const [words, setWords] = useState('');
  const [type, setType] = useState<string | undefined>();
  const [group, setGroup] = useState<string | undefined>();
  const [offset, setOffset] = useState(0);
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [moving, setMoving] = useState<{ ticket: WholeTicket; to: string } | null>(null);
  const [raising, setRaising] = useState(false);
  const asked = useRef(0);

  const query = useMemo<Query>(
    () => ({ ...queryOf(view, me), q: words.trim(), type, group }),
    [view, me, words, type, group],
  );
  const load = useCallback(async () => {
    const turn = (asked.current += 1);
    try {
      const read = await (async (): Promise<Found> => {
        if (view === 'promises') {
          const [promises, { counts }] = await Promise.all([api.promises(), api.list({ limit: 1 })]);
          return { ...NOTHING, promises, counts };
        }
        if (shape === 'board') return { ...NOTHING, ...(await api.board(query)) };
        const isOpen = view === 'all' ? undefined : 'true';
        return { ...NOTHING, ...(await api.list({ ...query, open: isOpen, offset, limit: PAGE })) };
      })();
      if (turn !== asked.current) return;
      setFound(read);
      setError(null);
    } catch (refused) {
      if (turn === asked.current) setError(refused);
    }
  }, [api, view, shape, query, offset]);

  useEffect(() => {
    const timer = setTimeout(() => void load(), words ? TYPED_MS : 0);
    return () => clearTimeout(timer);
  }, [load, words]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = desk.hear((name) => {
      if (name !== 'ticket' && name !== 'promise' && name !== 'hello') return;
      clearTimeout(timer);
      timer = setTimeout(() => void load(), STIRRED_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [desk, load]);

  const move = (ticket: Ticket, to: string) => {
    if (!rules) return;
    const state = rules.states.find(({ id }) => id === to);
    if (!waysOf(ticket, rules).includes(to)) {
      const from = rules.states.find(({ id }) => id === ticket.state);
      void message.warning(say('notThatWay', titled(from, ticket.state), titled(state, to)));
      return;
    }
    void (async () => {
      try {
        // What is filled in already is not on the card.
        const whole = await api.one(ticket.id);
        const way = whole.ways.find((each) => each.to === to);
        if (way && !way.may) void message.warning(say('onlySupervisor'));
        else if (!way || way.why || way.missing.length > 0) setMoving({ ticket: whole, to });
        else {
          await api.move(ticket.id, { version: ticket.version, to });
          void message.success(say('moved', titled(state, to)));
        }
      } catch (refused) {
        void message.error(wordsOf(refused));
      }
      void load();
    })();
  };
  const choose = (wanted: View) => {
    setView(wanted);
    setOffset(0);
  };
  const counted = (name: View, count: number | undefined) => ({
    value: name,
    label: count ? `${say(name)} ${count}` : say(name),
  });
  const counts = found?.counts;

  return (
    <main className="Page TicketsPage" data-shape={shape}>
      <header className="Page-head">
        <h1>{say('tickets')}</h1>
        <Segmented<View>
          value={view}
          onChange={choose}
          options={[
            counted('open', counts?.open),
            counted('mine', counts?.mine),
            counted('unassigned', counts?.unassigned),
            counted('overdueView', counts?.overdue),
            ...(shape === 'list' ? [counted('all', undefined)] : []),
            counted('promises', undefined),
          ]}
        />
        <Input
          allowClear
          className="Page-filter"
          aria-label={say('search')}
          placeholder={say('search')}
          value={words}
          onChange={({ target }) => {
            setWords(target.value);
            setOffset(0);
          }}
        />
        <Select
          allowClear
          aria-label={say('type')}
          placeholder={say('type')}
          className="TicketsPage-choice"
          value={type}
          onChange={(wanted: string | undefined) => {
            setType(wanted);
            setOffset(0);
          }}
          options={(rules?.types ?? []).map((each) => ({ value: each.id, label: titled(each) }))}
        />
        <Select
          allowClear
          aria-label={say('group')}
          placeholder={say('group')}
          className="TicketsPage-choice"
          value={group}
          onChange={(wanted: string | undefined) => {
            setGroup(wanted);
            setOffset(0);
          }}
          options={groups.map((each) => ({ value: each.id, label: each.title }))}
        />
        <span className="TicketsPage-gap" />
        <Segmented<Shape>
          value={shape}
          onChange={(wanted) => {
            keep(wanted);
            if (view === 'all') setView('open');
          }}
          options={[
            { value: 'board', label: say('board') },
            { value: 'list', label: say('list') },
          ]}
        />
        <Button type="primary" onClick={() => setRaising(true)}>
          {say('newTicket')}
        </Button>
      </header>
      {error !== null ? (
        <Trouble error={error} onRetry={() => void load()} />
      ) : !found || !rules ? (
        <Waiting />
      ) : view === 'promises' ? (
        <Promises promises={found.promises} rules={rules} onSettled={() => void load()} />
      ) : shape === 'board' ? (
        found.columns.some(({ count }) => count > 0) ? (
          <>
            <BoardView columns={found.columns} rules={rules} onOpen={({ id }) => open(id)} onMove={move} />
            <p className="TicketsPage-hint">{say('keysHint')}</p>
          </>
        ) : (
          <Empty view={view} searched={words !== '' || type !== undefined || group !== undefined} />
        )
      ) : (
        <>
          <List tickets={found.tickets} rules={rules} empty={<Empty view={view} searched={words !== ''} />} />
          {(offset > 0 || found.more) && (
            <p className="TicketsPage-pages">
              <Button size="small" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PAGE))}>
                ‹
              </Button>
              {offset + 1}–{offset + found.tickets.length}
              <Button size="small" disabled={!found.more} onClick={() => setOffset(offset + PAGE)}>
                ›
              </Button>
            </p>
          )}
        </>
      )}
      {rules && item && /^\d+$/.test(item) && (
        <TicketDrawer key={item} id={Number(item)} rules={rules} onClose={() => open(null)} />
      )}
      {rules && moving && (
        <MoveDialog
          ticket={moving.ticket}
          to={moving.to}
          rules={rules}
          onClose={() => setMoving(null)}
          onMoved={() => {
            setMoving(null);
            void load();
          }}
          onChanged={({ id }) => {
            setMoving(null);
            open(id);
          }}
        />
      )}
      {raising && <RaiseDialog chat={null} onClose={() => setRaising(false)} onRaised={({ id }) => open(id)} />}
    </main>
  );
}

function Empty({ view, searched }: { view: View; searched: boolean }) {
  const say = useTicketWords();
  if (searched) return <Nothing icon="search" title={say('noneFound')} />;
  return (
    <Nothing icon="ticket" title={say(view === 'mine' ? 'noneMine' : 'none')}>
      {say('noneMore')}
    </Nothing>
  );
}

function List({ tickets, rules, empty }: { tickets: readonly Ticket[]; rules: TicketRules; empty: ReactNode }) {
  const say = useTicketWords();
  const titled = useTitle();
  const language = useLanguage();
  return (
    <Table
      size="small"
      rowKey="id"
      className="TicketsPage-list"
      dataSource={[...tickets]}
      pagination={false}
      locale={{ emptyText: empty }}
      onRow={(ticket) => ({ onClick: () => open(ticket.id) })}
      columns={[
        {
          title: say('tickets'),
          width: 110,
          render: (_, ticket) => (
            <Button type="link" size="small" onClick={() => open(ticket.id)}>
              {ticket.no}
            </Button>
          ),
        },
        {
          title: say('title'),
          render: (_, ticket) => (
            <>
              {ticket.urgent && <i className="Mark Mark--angry">{say('urgent')}</i>} {ticket.title}
            </>
          ),
        },
        {
          title: say('type'),
          width: 100,
          render: (_, ticket) =>
            titled(
              rules.types.find(({ id }) => id === ticket.type),
              ticket.type,
            ),
        },
        {
          title: say('state'),
          width: 90,
          render: (_, ticket) => (
            <i className="Mark Mark--state" data-kind={ticket.kind}>
              {titled(
                rules.states.find(({ id }) => id === ticket.state),
                ticket.state,
              )}
            </i>
          ),
        },
        { title: say('due'), width: 140, render: (_, ticket) => <DueClock due={ticket} /> },
        { title: say('customer'), width: 110, render: (_, ticket) => ticket.customer.name },
        { title: say('agent'), width: 100, render: (_, ticket) => ticket.agent?.name ?? '—' },
        { title: say('group'), width: 100, render: (_, ticket) => ticket.group.title },
        {
          title: say('changedAt'),
          width: 110,
          render: (_, ticket) => moment(ticket.updated_at, serverNow(), language),
        },
      ]}
    />
  );
}

function Promises({
  promises,
  rules,
  onSettled,
}: {
  promises: readonly Promised[];
  rules: TicketRules;
  onSettled: () => void;
}) {
  const api = useTicketApi();
  const say = useTicketWords();
  const titled = useTitle();
  const { message } = App.useApp();
  if (!promises.length)
    return (
      <Nothing icon="bell" title={say('noPromises')}>
        {say('noPromisesMore')}
      </Nothing>
    );
  const settle = (promise: Promised, how: 'done' | 'drop') =>
    void api.settle(promise.id, how).then(onSettled, (refused: unknown) => void message.error(wordsOf(refused)));
  return (
    <ul className="PromiseList" aria-label={say('promises')}>
      {promises.map((promise) => (
        <li key={promise.id} data-overdue={promise.overdue}>
          <i className="Mark">
            {titled(
              rules.promises.find(({ id }) => id === promise.kind),
              say(promise.kind === 'deed' ? 'aDeed' : 'promises'),
            )}
          </i>
          <b>{promise.words}</b>
          <small>{promise.agent ? say('saidBy', promise.agent.name) : say('theBot')}</small>
          <DueClock due={promise} />
          <span className="TicketsPage-gap" />
          {promise.ticket !== null && (
            <Button type="link" size="small" onClick={() => open(promise.ticket)}>
              {say('tickets')}
            </Button>
          )}
          <Button type="link" size="small" onClick={() => openChat(promise.chat)}>
            {say('openChat')}
          </Button>
          <Button size="small" type="primary" onClick={() => settle(promise, 'done')}>
            {say('done')}
          </Button>
          <Button size="small" type="text" onClick={() => settle(promise, 'drop')}>
            {say('drop')}
          </Button>
        </li>
      ))}
    </ul>
  );
}
