import { InputNumber, Select } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { useDesk, useSnapshot } from '../desk';
import { Nothing, Trouble, Waiting } from '../states';
import { boardApi } from './api';
import { Chart, inks } from './Chart';
import { percent, span } from './telling';
import { useBoardWords } from './words';
import type { Schedule } from './wire';

interface Wish {
  group: string | null;
  share: number | null;
  within: number | null;
  at_once: number | null;
}

/** How many agents have to be there in which half hour of the week. */
export function ScheduleView() {
  const desk = useDesk();
  const say = useBoardWords();
  const groups = useSnapshot((snapshot) => snapshot.me.groups);
  const [wish, setWish] = useState<Wish>({ group: null, share: null, within: null, at_once: null });
  const [schedule, setSchedule] = useState<Schedule | null>(null);
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    let gone = false;
    const timer = setTimeout(() => {
      boardApi.schedule(desk.api, { ...wish }).then(
        (read) => {
          if (gone) return;
          setSchedule(read);
          setError(null);
        },
        (refused: unknown) => {
          if (!gone) setError(refused);
        },
      );
    }, 200);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [desk, wish]);

  if (error) return <Trouble error={error} onRetry={() => setWish({ ...wish })} />;
  if (!schedule) return <Waiting />;
  const { assumptions } = schedule;
  return (
    <section className="Schedule">
      <p className="Soft">{say('scheduleLead')}</p>
      <div className="People-tools">
        <Select
          size="small"
          aria-label={say('group')}
          value={wish.group ?? ''}
          onChange={(group) => setWish({ ...wish, group: group || null })}
          options={[
            { value: '', label: say('allGroups') },
            ...groups.map(({ id, title }) => ({ value: id, label: title })),
          ]}
        />
        <label>
          {say('share')}
          <InputNumber
            size="small"
            min={50}
            max={99}
            precision={0}
            suffix="%"
            value={Math.round((wish.share ?? assumptions.share) * 100)}
            onChange={(share) => setWish({ ...wish, share: share === null ? null : share / 100 })}
          />
        </label>
        <label>
          {say('within')}
          <InputNumber
            size="small"
            min={1}
            max={3600}
            precision={0}
            value={wish.within ?? assumptions.within}
            onChange={(within) => setWish({ ...wish, within })}
          />
        </label>
        <label>
          {say('atOnce')}
          <InputNumber
            size="small"
            min={1}
            max={20}
            precision={0}
            value={wish.at_once ?? assumptions.at_once}
            onChange={(at_once) => setWish({ ...wish, at_once })}
          />
        </label>
      </div>
      {assumptions.observed_arrivals === 0 ? (
        <Nothing icon="clock" title={say('scheduleNone')} />
      ) : (
        <>
          <Plan schedule={schedule} />
          <p className="Assumptions">
            {say(
              'scheduleHow',
              assumptions.observed_days,
              assumptions.observed_arrivals,
              assumptions.observed_talks,
              span(assumptions.observed_seconds),
              assumptions.observed_at_once.toFixed(1),
              span(assumptions.seconds_alone),
              assumptions.at_once,
              span(assumptions.seconds_full),
              percent(assumptions.absent),
            )}
          </p>
        </>
      )}
    </section>
  );
}

const clock = (half: number) => `${Math.floor(half / 2)}:${half % 2 ? '30' : '00'}`;

function Plan({ schedule }: { schedule: Schedule }) {
  const say = useBoardWords();
  const { first, last } = useMemo(() => {
    const worked = schedule.days.flatMap((day) =>
      day.flatMap(({ open, on_duty }, half) => (open || on_duty ? [half] : [])),
    );
    return { first: Math.min(47, ...worked), last: Math.max(0, ...worked) };
  }, [schedule]);
  const option = useMemo(() => {
    const ink = inks();
    const names = say('weekdays').split(' ');
    const halves = Array.from({ length: last - first + 1 }, (_, place) => first + place);
    const cells = schedule.days.flatMap((day, weekday) =>
      halves.map((half, place) => [place, weekday, day[half]?.on_duty ?? 0]),
    );
    return {
      animation: false,
      grid: { left: 56, right: 12, top: 8, bottom: 64 },
      tooltip: {
        renderMode: 'richText',
        formatter: ({ value }: { value: [number, number, number] }) => {
          const half = halves[value[0]] ?? 0;
          const cell = schedule.days[value[1]]?.[half];
          return say(
            'scheduleCell',
            names[value[1]] ?? '',
            clock(half),
            value[2],
            (cell?.arrivals ?? 0).toFixed(1),
            percent(cell?.in_time),
          );
        },
      },
      xAxis: { type: 'category', data: halves.map(clock), axisLabel: { color: ink.faint }, splitArea: { show: false } },
      yAxis: { type: 'category', data: names, inverse: true, axisLabel: { color: ink.ink } },
      visualMap: {
        min: 0,
        max: Math.max(1, ...cells.map(([, , count]) => count ?? 0)),
        calculable: false,
        orient: 'horizontal',
        left: 'center',
        bottom: 0,
        textStyle: { color: ink.faint },
        inRange: { color: [ink.paper, ink.brand] },
      },
      series: [{ type: 'heatmap', data: cells, label: { show: true, color: ink.ink, fontSize: 11 } }],
    };
  }, [schedule, first, last, say]);
  return (
    <>
      <Chart option={option} label={say('schedule')} height={330} />
      <table className="OnlySpoken">
        <caption>{say('schedule')}</caption>
        <tbody>
          {schedule.days.map((day, weekday) => (
            <tr key={weekday} data-weekday={weekday}>
              {day.map((half, place) => (
                <td key={place} data-half={place}>
                  {half.on_duty}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
