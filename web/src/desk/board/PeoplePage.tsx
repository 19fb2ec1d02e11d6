import { DatePicker, Dropdown, Segmented, Select, Table } from 'antd';
import type { ColumnsType } from 'antd/es/table';
import dayjs, { type Dayjs } from 'dayjs';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { BASE } from '../api';
import { useDesk, usePermission, useSnapshot } from '../desk';
import { Nothing, Trouble, Waiting } from '../states';
import { boardApi } from './api';
import { Chart, inks } from './Chart';
import { SavedView } from './SavedView';
import { ScheduleView } from './ScheduleView';
import { NONE, percent, score, span } from './telling';
import { useBoardWords, type BoardSay } from './words';
import type { People, PeopleRow } from './wire';
import './board.css';

const TABS = ['figures', 'schedule', 'saved'] as const;
type Tab = (typeof TABS)[number];
type By = 'agent' | 'group' | 'day' | 'agent_day' | 'group_day';

/** What agents and groups have done, how many are needed when, and what the bot saved. */
export default function PeoplePage() {
  const say = useBoardWords();
  const reads = usePermission('report.read');
  const supervises = usePermission('chat.assign');
  const [tab, setTab] = useState<Tab>('figures');
  // The shop's own days: until somebody chooses, the server says which the last ones are.
  const [chosen, setChosen] = useState<[Dayjs, Dayjs] | null>(null);
  const [usual, setUsual] = useState<[Dayjs, Dayjs] | null>(null);
  const told = useCallback((first: string, last: string) => setUsual([dayjs(first), dayjs(last)]), []);
  if (!reads) return <Nothing icon="shield" title={say('notAllowed')} />;
  const from = chosen?.[0].format('YYYY-MM-DD') ?? null;
  const to = chosen?.[1].format('YYYY-MM-DD') ?? null;
  return (
    <main className="Page People">
      <header className="Page-head">
        <h1>{say('people')}</h1>
        {tab !== 'schedule' && (
          <DatePicker.RangePicker
            size="small"
            allowClear={false}
            value={chosen ?? usual}
            aria-label={`${say('from')} ${say('to')}`}
            onChange={(days) => {
              if (days?.[0] && days[1]) setChosen([days[0], days[1]]);
            }}
          />
        )}
        <Segmented<Tab>
          value={tab}
          onChange={setTab}
          options={TABS.filter((each) => each !== 'saved' || supervises).map((value) => ({ value, label: say(value) }))}
        />
      </header>
      {tab === 'figures' && <FiguresView from={from} to={to} onSpan={told} />}
      {tab === 'schedule' && <ScheduleView />}
      {tab === 'saved' && <SavedView from={from} to={to} />}
    </main>
  );
}

interface FiguresViewProps {
  from: string | null;
  to: string | null;
  onSpan: (first: string, last: string) => void;
}

function FiguresView({ from, to, onSpan }: FiguresViewProps) {
  const desk = useDesk();
  const say = useBoardWords();
  const groups = useSnapshot((snapshot) => snapshot.me.groups);
  const [by, setBy] = useState<By>('agent');
  const [group, setGroup] = useState<string | null>(null);
  const [read, setRead] = useState<{ people: People; days: PeopleRow[] } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [again, setAgain] = useState(0);

  useEffect(() => {
    let gone = false;
    Promise.all([
      boardApi.people(desk.api, { from, to, by, group }),
      boardApi.people(desk.api, { from, to, by: 'day', group }),
    ]).then(
      ([people, days]) => {
        if (gone) return;
        setRead({ people, days: days.rows });
        onSpan(people.from, people.to);
        setError(null);
      },
      (refused: unknown) => {
        if (!gone) setError(refused);
      },
    );
    return () => {
      gone = true;
    };
  }, [desk, from, to, by, group, again, onSpan]);

  if (error) return <Trouble error={error} onRetry={() => setAgain(again + 1)} />;
  if (!read) return <Waiting />;
  const { people, days } = read;
  const address = (format: string) =>
    `${BASE}/people/export?${new URLSearchParams({ from: people.from, to: people.to, by, format, ...(group ? { group } : {}) }).toString()}`;
  return (
    <>
      <div className="People-tools">
        <Segmented<By>
          size="small"
          value={by}
          onChange={setBy}
          options={[
            { value: 'agent', label: say('byAgent') },
            { value: 'group', label: say('byGroup') },
            { value: 'day', label: say('byDay') },
            { value: 'agent_day', label: say('byAgentDay') },
            { value: 'group_day', label: say('byGroupDay') },
          ]}
        />
        <Select
          size="small"
          value={group ?? ''}
          aria-label={say('group')}
          onChange={(chosen) => setGroup(chosen || null)}
          options={[
            { value: '', label: say('allGroups') },
            ...groups.map(({ id, title }) => ({ value: id, label: title })),
          ]}
        />
        <Dropdown.Button
          size="small"
          className="People-export"
          onClick={() => location.assign(address('xlsx'))}
          menu={{ items: [{ key: 'csv', label: say('exportCsv') }], onClick: () => location.assign(address('csv')) }}
        >
          {say('exportXlsx')}
        </Dropdown.Button>
        {people.own && <small className="Soft">{say('ownOnly')}</small>}
      </div>
      {people.rows.length > 0 && <Plots people={people} days={days} by={by} />}
      <Table<PeopleRow>
        size="small"
        rowKey={(row) => [row.day, row.agent, row.group].join('/')}
        dataSource={people.rows}
        scroll={{ x: 1180 }}
        pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: <Nothing icon="team" title={say('noTalksYet')} /> }}
        columns={columns(by, say)}
        summary={() =>
          people.rows.length > 1 && (
            <Table.Summary.Row className="People-total">
              {columns(by, say).map((column, place) => (
                <Table.Summary.Cell key={place} index={place} align={place ? 'right' : 'left'}>
                  {place ? (column.render?.(undefined, people.total, 0) as React.ReactNode) : say('total')}
                </Table.Summary.Cell>
              ))}
            </Table.Summary.Row>
          )
        }
      />
      <details className="Assumptions">
        <summary>{say('howCounted')}</summary>
        <dl>
          {Object.entries(people.assumptions).map(([name, words]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  );
}

function nameOf(row: PeopleRow): string {
  return [row.day, row.agent_name, row.group_title].filter(Boolean).join(' · ') || NONE;
}

function columns(by: By, say: BoardSay): ColumnsType<PeopleRow> {
  const figure = (title: string, value: (row: PeopleRow) => string, order: (row: PeopleRow) => number | null) => ({
    title,
    align: 'right' as const,
    sorter: (one: PeopleRow, other: PeopleRow) => (order(one) ?? -1) - (order(other) ?? -1),
    render: (_: unknown, row: PeopleRow) => value(row),
  });
  const first = by === 'group' || by === 'group_day' ? 'group' : by === 'day' ? 'day' : 'name';
  return [
    {
      title: say(first),
      fixed: 'left',
      width: by.endsWith('_day') ? 180 : 120,
      render: (_, row) => nameOf(row),
      sorter: (one, other) => nameOf(one).localeCompare(nameOf(other), 'zh'),
    },
    figure(
      say('pTalks'),
      (row) => String(row.talks),
      (row) => row.talks,
    ),
    figure(
      say('pAtOnce'),
      (row) => `${row.at_once.toFixed(1)} / ${row.at_once_most}`,
      (row) => row.at_once,
    ),
    figure(
      say('pFirst'),
      (row) => span(row.first_response),
      (row) => row.first_response,
    ),
    figure(
      say('pFirstOffice'),
      (row) => span(row.first_response_office),
      (row) => row.first_response_office,
    ),
    figure(
      say('pUnanswered'),
      (row) => String(row.unanswered),
      (row) => row.unanswered,
    ),
    figure(
      say('pInTime'),
      (row) => percent(row.in_time),
      (row) => row.in_time,
    ),
    figure(
      say('pMean'),
      (row) => span(row.mean_response),
      (row) => row.mean_response,
    ),
    figure(
      say('pFirstOffice'),
      (row) => span(row.mean_response_office),
      (row) => row.mean_response_office,
    ),
    figure(
      say('pHandling'),
      (row) => span(row.handling),
      (row) => row.handling,
    ),
    figure(
      say('pResolution'),
      (row) => percent(row.resolution),
      (row) => row.resolution,
    ),
    figure(
      say('pSatisfaction'),
      (row) => (row.ratings ? `${score(row.satisfaction)} (${row.ratings})` : NONE),
      (row) => row.satisfaction,
    ),
    figure(
      say('pOrders'),
      (row) => String(row.orders),
      (row) => row.orders,
    ),
    figure(
      say('pAmount'),
      (row) => `¥${row.order_amount}`,
      (row) => Number(row.order_amount),
    ),
    figure(
      say('pConversion'),
      (row) => percent(row.conversion, 1),
      (row) => row.conversion,
    ),
  ];
}

const MOST_BARS = 15;

function Plots({ people, days, by }: { people: People; days: PeopleRow[]; by: By }) {
  const say = useBoardWords();
  const course = useMemo(() => {
    const ink = inks();
    return {
      animation: false,
      grid: { left: 44, right: 50, top: 34, bottom: 24 },
      legend: { top: 0, textStyle: { color: ink.ink } },
      tooltip: { trigger: 'axis', renderMode: 'richText' },
      xAxis: { type: 'category', data: days.map(({ day }) => (day ?? '').slice(5)), axisLabel: { color: ink.faint } },
      yAxis: [
        {
          type: 'value',
          minInterval: 1,
          axisLabel: { color: ink.faint },
          splitLine: { lineStyle: { color: ink.line } },
        },
        { type: 'value', axisLabel: { color: ink.faint, formatter: '{value}s' }, splitLine: { show: false } },
      ],
      series: [
        {
          name: say('pTalks'),
          type: 'bar',
          data: days.map(({ talks }) => talks),
          itemStyle: { color: ink.brand },
          barMaxWidth: 32,
        },
        {
          name: say('pFirst'),
          type: 'line',
          yAxisIndex: 1,
          data: days.map(({ first_response }) => (first_response === null ? null : Math.round(first_response))),
          itemStyle: { color: '#e0803a' },
        },
      ],
    };
  }, [days, say]);
  const bars = useMemo(() => {
    const ink = inks();
    const rows = [...people.rows]
      .sort((one, other) => other.talks - one.talks)
      .slice(0, MOST_BARS)
      .reverse();
    return {
      animation: false,
      grid: { left: 8, right: 40, top: 8, bottom: 8, containLabel: true },
      tooltip: { trigger: 'axis', renderMode: 'richText' },
      xAxis: {
        type: 'value',
        minInterval: 1,
        axisLabel: { color: ink.faint },
        splitLine: { lineStyle: { color: ink.line } },
      },
      yAxis: { type: 'category', data: rows.map(nameOf), axisLabel: { color: ink.ink } },
      series: [
        {
          name: say('pTalks'),
          type: 'bar',
          data: rows.map(({ talks }) => talks),
          label: { show: true, position: 'right', color: ink.ink },
          itemStyle: { color: ink.brand },
          barMaxWidth: 18,
        },
      ],
    };
  }, [people, say]);
  return (
    <div className="People-plots">
      <Chart option={course} label={`${say('pTalks')}, ${say('pFirst')}`} height={220} />
      {by !== 'day' && <Chart option={bars} label={say('pTalks')} height={220} />}
    </div>
  );
}
