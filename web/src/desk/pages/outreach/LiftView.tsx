import { Segmented, Statistic, Table, Tag, Tooltip } from 'antd';
import { useCallback, useState } from 'react';
import { Nothing, Trouble, Waiting } from '../../states';
import { useAsking } from './asking';
import { useLoaded } from './loading';
import { DaysPlot, LiftPlot } from './plots';
import type { Between, Day, Depth, LiftLine, LiftReport, Verdict } from './wire';
import { type OutreachWord, percent, type SayOutreach, useOutreachWords, yuan } from './words';

const SPANS = [7, 30, 90] as const;
type Span = (typeof SPANS)[number];
const DEPTHS: Readonly<Record<Depth, OutreachWord>> = {
  scene: 'byScene',
  audience: 'byAudience',
  variant: 'byVariant',
};
const VERDICTS: Readonly<Record<Verdict, readonly [OutreachWord, string]>> = {
  more: ['verdictMore', 'success'],
  fewer: ['verdictFewer', 'error'],
  open: ['verdictOpen', 'default'],
  too_few: ['verdictTooFew', 'default'],
  broken: ['verdictBroken', 'warning'],
};

export function nameOf({ title, audience, variant }: LiftLine): string {
  return [title, audience, variant].filter(Boolean).join(' · ');
}

function points(found: Between | null): string {
  if (!found) return '–';
  const signed = (value: number) => `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)}`;
  return `${signed(found.value)} (${signed(found.low)}, ${signed(found.high)})`;
}

function money(found: Between | null): string {
  return found ? `${yuan(found.value)} (${yuan(found.low)}, ${yuan(found.high)})` : '–';
}

/** Whether it is sure on which side of nothing a figure lies. */
function isSure(found: Between | null): boolean {
  return found !== null && (found.low > 0 || found.high < 0);
}

function Judged({ line, say }: { line: LiftLine; say: SayOutreach }) {
  if (!line.control_cases) return <Tag>{say('verdictNone')}</Tag>;
  const [word, color] = VERDICTS[line.verdict];
  return <Tag color={color}>{say(word)}</Tag>;
}

/** What reminders bring about, against customers who were left alone. */
export default function LiftView() {
  const ask = useAsking();
  const say = useOutreachWords();
  const [days, setDays] = useState<Span>(30);
  const [depth, setDepth] = useState<Depth>('scene');
  const readLines = useCallback(async () => ask.read<LiftReport>('/lift', { days, depth }), [ask, days, depth]);
  const readDays = useCallback(async () => (await ask.read<{ days: Day[] }>('/days', { days })).days, [ask, days]);
  const report = useLoaded(readLines);
  const daily = useLoaded(readDays);
  if (report.error) return <Trouble error={report.error} onRetry={report.again} />;
  if (!report.value) return <Waiting />;
  const { lines, together } = report.value;
  return (
    <>
      <div className="Outreach-bar">
        <Segmented<Span>
          value={days}
          onChange={setDays}
          options={SPANS.map((each) => ({ value: each, label: `${say('span')} ${say('days', each)}` }))}
        />
        <Segmented<Depth>
          value={depth}
          onChange={setDepth}
          options={(Object.keys(DEPTHS) as Depth[]).map((each) => ({ value: each, label: say(DEPTHS[each]) }))}
        />
      </div>
      {!lines.length ? (
        <Nothing icon="spark" title={say('noLift')}>
          {say('noLiftMore')}
        </Nothing>
      ) : (
        <>
          <div className="Outreach-sums">
            <Statistic title={say('totalSent')} value={together.sent} />
            <Statistic title={say('delivered')} value={together.delivered} />
            <Statistic title={say('answered')} value={together.answered} />
            <Statistic title={say('converted')} value={together.converted} />
            <Statistic title={say('totalRecovered')} value={yuan(together.recovered)} />
            <Statistic title={say('cost')} value={yuan(together.cost)} />
            <Statistic title={say('unsubscribed')} value={together.unsubscribed} />
          </div>
          <div className="Outreach-plots">
            <LiftPlot lines={lines.filter(({ difference }) => difference !== null)} />
            <DaysPlot days={daily.value ?? []} />
          </div>
          <p className="Detail">{say('liftHint')}</p>
          <Table<LiftLine>
            size="small"
            rowKey={nameOf}
            dataSource={lines}
            pagination={false}
            scroll={{ x: 1100 }}
            columns={[
              { title: say('scene'), fixed: 'left', width: 170, render: (_, line) => nameOf(line) },
              { title: say('totalSent'), width: 70, align: 'right', dataIndex: 'sent' },
              { title: say('delivered'), width: 70, align: 'right', dataIndex: 'delivered' },
              { title: say('answered'), width: 70, align: 'right', dataIndex: 'answered' },
              {
                title: say('conversion'),
                width: 120,
                align: 'right',
                render: (_, line) => (
                  <Tooltip title={line.watched ? say('watched', line.watched) : undefined}>
                    {line.conversion ? percent(line.conversion.value) : '–'}{' '}
                    <small>
                      {line.converted}/{line.cases}
                    </small>
                  </Tooltip>
                ),
              },
              {
                title: say('controlConversion'),
                width: 120,
                align: 'right',
                render: (_, line) => (
                  <>
                    {line.control_conversion ? percent(line.control_conversion.value) : '–'}{' '}
                    <small>
                      {line.control_converted}/{line.control_cases}
                    </small>
                  </>
                ),
              },
              {
                title: `${say('difference')} (${say('points')})`,
                width: 170,
                align: 'right',
                render: (_, line) => points(line.difference),
              },
              { title: '', width: 90, render: (_, line) => <Judged line={line} say={say} /> },
              { title: say('totalRecovered'), width: 90, align: 'right', render: (_, line) => yuan(line.recovered) },
              {
                title: say('extraRevenue'),
                width: 200,
                align: 'right',
                render: (_, line) => (
                  <span className="Sure" data-sure={isSure(line.extra_revenue)}>
                    {money(line.extra_revenue)}
                  </span>
                ),
              },
              { title: say('cost'), width: 80, align: 'right', render: (_, line) => yuan(line.cost) },
              {
                title: say('roi'),
                width: 90,
                align: 'right',
                render: (_, line) =>
                  line.return_on_cost && isSure(line.extra_revenue) ? `${line.return_on_cost.value.toFixed(1)}×` : '–',
              },
              { title: say('unsubscribed'), width: 70, align: 'right', dataIndex: 'unsubscribed' },
            ]}
          />
        </>
      )}
    </>
  );
}
