import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useDesk, usePermission, useSnapshot } from '../desk';
import { DeskIcon } from '../DeskIcon';
import { hour } from '../moments';
import { serverNow, useServerNow } from '../serverClock';
import { Nothing, Waiting } from '../states';
import { Chart } from './Chart';
import { brief, difference, type Difference, measured, NONE, percent, score, span } from './telling';
import { useBoard } from './useBoard';
import { useBoardWords, type BoardWord } from './words';
import { DIMENSIONS, type AlarmNow, type Cell, type Dimension, type Figures } from './wire';
import './board.css';

const TITLES: Readonly<Record<Dimension, BoardWord>> = {
  group: 'byGroup',
  channel: 'byChannel',
  region: 'byRegion',
  category: 'byCategory',
  skill: 'bySkill',
};
const MOST_ROWS = 5;
const WALL = {
  dark: { text: '#e7eaf1', faint: '#98a1b3', line: '#2c3341', today: '#6ea8ff', before: '#5b6476' },
  light: { text: '#1c2333', faint: '#5a6375', line: '#dfe4ec', today: '#2f54c8', before: '#a7b0c0' },
};

/** The wall screen: what goes on now, read from three metres. */
export default function BoardPage() {
  const desk = useDesk();
  const say = useBoardWords();
  const reads = usePermission('report.read');
  const shop = useSnapshot((snapshot) => snapshot.me.shop.name);
  const leave = useCallback(() => desk.api.onSignedOut(), [desk]);
  const { figures, lost } = useBoard(leave);
  const [bright, setBright] = useState(false);
  const [whole, setWhole] = useState(false);
  const wall = useRef<HTMLElement>(null);

  const fill = useCallback(() => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void wall.current?.requestFullscreen().catch(() => undefined);
  }, []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key.toLowerCase() === 'f') fill();
      else if (event.key.toLowerCase() === 'd') setBright((before) => !before);
      else return;
      event.preventDefault();
    };
    const onFull = () => setWhole(document.fullscreenElement !== null);
    window.addEventListener('keydown', onKey);
    document.addEventListener('fullscreenchange', onFull);
    return () => {
      window.removeEventListener('keydown', onKey);
      document.removeEventListener('fullscreenchange', onFull);
    };
  }, [fill]);

  if (!reads) return <Nothing icon="shield" title={say('notAllowed')} />;
  return (
    <main className="Wall" ref={wall} data-wall={bright ? 'light' : 'dark'} data-at={figures?.at}>
      <header className="Wall-head">
        <h1>
          {shop} · {say('board')}
        </h1>
        <p role="status" data-lost={lost}>
          {figures && (lost ? say('lineLost', clockOf(figures.at)) : say('asOf', clockOf(figures.at)))}
        </p>
        <Clock />
        <button
          type="button"
          aria-label={say(bright ? 'darken' : 'bright')}
          title={say(bright ? 'darken' : 'bright')}
          onClick={() => setBright(!bright)}
        >
          <DeskIcon name="eye" size={22} />
        </button>
        <button
          type="button"
          aria-label={say(whole ? 'endFullScreen' : 'fullScreen')}
          title={say(whole ? 'endFullScreen' : 'fullScreen')}
          onClick={fill}
        >
          <DeskIcon name={whole ? 'close' : 'up'} size={22} />
        </button>
      </header>
      {figures ? <Everything figures={figures} bright={bright} /> : <Waiting />}
    </main>
  );
}

function clockOf(at: string): string {
  return new Date(at).toLocaleTimeString('sv-SE');
}

function Clock() {
  const now = useServerNow();
  return <time className="Wall-clock">{hour(now)}</time>;
}

function Everything({ figures, bright }: { figures: Figures; bright: boolean }) {
  const say = useBoardWords();
  const { now, today, yesterday, tickets, alarms } = figures;
  const open = alarms.filter(({ state }) => state === 'open').length;
  return (
    <>
      <section className="Wall-tiles">
        <Tile
          name="waiting"
          title={say('waiting')}
          value={String(now.waiting)}
          alarm={alarms.some(({ what }) => what === 'waiting' || what === 'longest_wait')}
          foot={now.waiting ? say('longest', span(now.longest_wait)) : say('nobodyWaits')}
          more={now.left ? say('left', now.left) : undefined}
        />
        <Tile
          name="in_service"
          title={say('inService')}
          value={String(now.in_service)}
          foot={say('slots', now.load, now.slots)}
          more={say('withBot', now.with_bot)}
        />
        <Tile
          name="chats"
          title={say('chats')}
          value={String(today.chats)}
          foot={say('handedOver', today.handed_over)}
          change={difference(today.chats, yesterday.chats, 'neither', 'ratio')}
        />
        <Tile
          name="bot_share"
          title={say('botShare')}
          value={percent(today.bot_share)}
          change={difference(today.bot_share, yesterday.bot_share, 'more', 'share')}
        />
        <Tile
          name="resolution"
          title={say('resolution')}
          value={percent(today.resolution)}
          change={difference(today.resolution, yesterday.resolution, 'more', 'share')}
        />
        <Tile
          name="first_response"
          title={say('firstResponse')}
          value={brief(today.first_response)}
          alarm={alarms.some(({ what }) => what === 'first_response')}
          foot={say('inTime', percent(today.in_time))}
          change={difference(today.first_response, yesterday.first_response, 'less', 'ratio')}
        />
        <Tile
          name="satisfaction"
          title={say('satisfaction')}
          value={score(today.satisfaction)}
          alarm={alarms.some(({ what }) => what === 'low_score')}
          foot={say('ratings', today.ratings)}
          change={difference(today.satisfaction, yesterday.satisfaction, 'more', 'score')}
        />
        <Tile
          name="tickets"
          title={`${say('tickets')} · ${say('ticketsDue')}`}
          value={String(tickets.due_today)}
          alarm={tickets.overdue > 0}
          foot={say('ticketsOverdue', tickets.overdue)}
        />
      </section>
      <section className="Wall-middle">
        <Course figures={figures} bright={bright} />
        <Alarms alarms={alarms} open={open} />
      </section>
      <section className="Wall-tables">
        {DIMENSIONS.map((dimension) => (
          <Cells
            key={dimension}
            title={say(TITLES[dimension])}
            rows={figures.by[dimension]}
            withBot={dimension !== 'group' && dimension !== 'skill'}
          />
        ))}
      </section>
      <footer className="Wall-foot">
        {say('agentsOnline', now.online, now.busy, now.away)}
        <span>↑↓ {say('yesterday')}</span>
      </footer>
    </>
  );
}

interface TileProps {
  name: string;
  title: string;
  value: string;
  foot?: string;
  more?: string | undefined;
  change?: Difference | null;
  alarm?: boolean;
}

function Tile({ name, title, value, foot, more, change, alarm = false }: TileProps) {
  return (
    <article className="Tile" data-figure={name} data-alarm={alarm}>
      <h2>{title}</h2>
      <b>{value}</b>
      <p>
        {foot && <span>{foot}</span>}
        {more && <span>{more}</span>}
        {change && <span data-good={change.good ?? undefined}>{change.words}</span>}
      </p>
    </article>
  );
}

function Course({ figures, bright }: { figures: Figures; bright: boolean }) {
  const say = useBoardWords();
  const { today, yesterday } = figures.course;
  // The plot is drawn anew only when one of its numbers is another one.
  const key = JSON.stringify([today, yesterday]);
  const option = useMemo(() => {
    const [now, before] = JSON.parse(key) as [[number, number][], [number, number][]];
    const ink = bright ? WALL.light : WALL.dark;
    const line = (name: string, values: number[], color: string, width: number, dashed = false) => ({
      name,
      type: 'line',
      data: values,
      showSymbol: false,
      smooth: 0.2,
      lineStyle: { color, width, type: dashed ? 'dashed' : 'solid' },
      itemStyle: { color },
      areaStyle: dashed ? undefined : { color, opacity: 0.14 },
    });
    return {
      animation: false,
      textStyle: { color: ink.faint, fontSize: 16 },
      grid: { left: 56, right: 16, top: 44, bottom: 32 },
      legend: { top: 0, right: 8, textStyle: { color: ink.text, fontSize: 16 } },
      tooltip: { trigger: 'axis', renderMode: 'richText' },
      xAxis: {
        type: 'category',
        data: Array.from({ length: 48 }, (_, place) => `${Math.floor(place / 2)}:${place % 2 ? '30' : '00'}`),
        axisLabel: { interval: 3, fontSize: 15, color: ink.faint },
        axisLine: { lineStyle: { color: ink.line } },
        axisTick: { show: false },
      },
      yAxis: {
        type: 'value',
        minInterval: 1,
        axisLabel: { fontSize: 15, color: ink.faint },
        splitLine: { lineStyle: { color: ink.line } },
      },
      series: [
        line(
          say('yesterdayWhole'),
          before.map(([chats]) => chats),
          ink.before,
          2,
          true,
        ),
        line(
          say('today'),
          now.map(([chats]) => chats),
          ink.today,
          4,
        ),
      ],
    };
  }, [key, bright, say]);
  return (
    <article className="Wall-card Wall-course">
      <h2>{say('course')}</h2>
      <Chart option={option} label={say('course')} height="100%" />
    </article>
  );
}

function Alarms({ alarms, open }: { alarms: readonly AlarmNow[]; open: number }) {
  const say = useBoardWords();
  const now = serverNow();
  return (
    <article className="Wall-card Wall-alarms" data-open={open}>
      <h2>
        {say('alarms')} {alarms.length > 0 && <b>{alarms.length}</b>}
      </h2>
      {alarms.length === 0 ? (
        <p className="Wall-calm">
          <DeskIcon name="tick" size={40} />
          {say('noAlarms')}
        </p>
      ) : (
        <ul>
          {alarms.slice(0, 6).map((alarm) => (
            <li key={alarm.id} data-state={alarm.state}>
              <b>{measured(alarm)}</b>
              <span>
                {alarm.title}
                <small>
                  {[
                    alarm.group?.title,
                    alarm.agent?.name,
                    span((now - Date.parse(alarm.opened_at)) / 1000),
                    alarm.acknowledged_by && say('acknowledgedBy', alarm.acknowledged_by),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </small>
              </span>
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}

/** Group and skill come with the call for a person: of them nothing is known of the bot. */
function Cells({ title, rows, withBot }: { title: string; rows: readonly Cell[]; withBot: boolean }) {
  const say = useBoardWords();
  return (
    <article className="Wall-card">
      <table>
        <thead>
          <tr>
            <th scope="col">{title}</th>
            <th scope="col">{say('columnWaiting')}</th>
            <th scope="col">{say('columnService')}</th>
            <th scope="col">{say('columnChats')}</th>
            {withBot && (
              <>
                <th scope="col" title={say('botShare')}>
                  {say('columnBot')}
                </th>
                <th scope="col" title={say('resolution')}>
                  {say('columnSolved')}
                </th>
              </>
            )}
            <th scope="col">{say('columnFirst')}</th>
            <th scope="col">{say('columnScore')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map((row) => (
            <tr key={row.key} data-waits={row.waiting > 0}>
              <th scope="row">{row.title}</th>
              <td>{row.waiting}</td>
              <td>{row.in_service}</td>
              <td>{row.chats || row.handed_over}</td>
              {withBot && (
                <>
                  <td>{percent(row.bot_share)}</td>
                  <td>{percent(row.resolution)}</td>
                </>
              )}
              <td>{row.first_response === null ? NONE : brief(row.first_response)}</td>
              <td>{row.satisfaction === null ? NONE : row.satisfaction.toFixed(1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p className="Wall-none">{say('nothingYet')}</p>}
    </article>
  );
}
