import { Segmented, Table, Tag } from 'antd';
import { useContext, useEffect, useMemo, useState } from 'react';
import { Chart, inks } from '../board/Chart';
import { ClothesContext } from '../clothes';
import { Nothing, Trouble, Waiting } from '../states';
import { useInspectionApi } from './inspectionApi';
import type { AgentResult, Overview, Results } from './inspectionWire';
import { useInspectionWords } from './inspectionWords';

const SPANS = [4, 8, 26];

/** Each agent's results, in all and week by week. */
export function AgentsTab({ overview }: { overview: Overview }) {
  const say = useInspectionWords();
  const api = useInspectionApi();
  const { theme } = useContext(ClothesContext);
  const [weeks, setWeeks] = useState(8);
  const [results, setResults] = useState<Results | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [again, setAgain] = useState(0);

  useEffect(() => {
    let gone = false;
    api.agents(weeks).then(
      (found) => {
        if (gone) return;
        setResults(found);
        setError(null);
        setChosen((known) => known ?? found.agents[0]?.agent_id ?? null);
      },
      (refused: unknown) => {
        if (!gone) setError(refused);
      },
    );
    return () => {
      gone = true;
    };
  }, [api, weeks, again]);

  const titleOf = useMemo(() => {
    const titles = new Map(overview.rules.map(({ id, title }) => [id, title]));
    return (rule: string) => titles.get(rule) ?? rule;
  }, [overview]);
  const agent = results?.agents.find(({ agent_id }) => agent_id === chosen) ?? null;
  const option = useMemo(() => {
    if (!results || !agent) return null;
    const { ink, faint, line, brand } = inks();
    const of = (found: AgentResult[]) => found.find(({ agent_id }) => agent_id === agent.agent_id);
    const axis = { axisLabel: { color: faint }, axisLine: { lineStyle: { color: line } } };
    return {
      animation: false,
      color: [brand, ink],
      grid: { left: 36, right: 16, top: 34, bottom: 26 },
      legend: { top: 4, textStyle: { color: ink } },
      tooltip: { trigger: 'axis', renderMode: 'richText' },
      xAxis: { type: 'category', data: results.weeks.map(({ week }) => week.slice(5)), ...axis },
      yAxis: { type: 'value', min: 0, max: 100, splitLine: { lineStyle: { color: line } }, ...axis },
      series: [
        {
          name: say('score'),
          type: 'line',
          connectNulls: true,
          data: results.weeks.map(({ agents }) => of(agents)?.score ?? null),
        },
        {
          name: say('byPeople'),
          type: 'line',
          connectNulls: true,
          lineStyle: { type: 'dashed' },
          data: results.weeks.map(({ agents }) => of(agents)?.by_people ?? null),
        },
      ],
    };
    // The theme changes the inks.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [results, agent, say, theme]);

  if (error) return <Trouble error={error} onRetry={() => setAgain((count) => count + 1)} />;
  if (!results) return <Waiting />;
  if (results.agents.length === 0) return <Nothing icon="shield" title={say('nothingYet')} />;
  return (
    <div className="Inspection-whole">
      <Segmented
        size="small"
        value={weeks}
        onChange={setWeeks}
        options={SPANS.map((count) => ({ value: count, label: say('weeks', count) }))}
      />
      <Table
        size="small"
        rowKey="agent_id"
        dataSource={results.agents}
        pagination={{ pageSize: 30, hideOnSinglePage: true }}
        rowClassName={({ agent_id }) => (agent_id === chosen ? 'Inspection-chosen' : '')}
        onRow={({ agent_id }) => ({ onClick: () => setChosen(agent_id) })}
        columns={[
          {
            title: say('person'),
            render: (_, each) => (
              <button type="button" className="Inspection-name" onClick={() => setChosen(each.agent_id)}>
                {each.name}
              </button>
            ),
          },
          { title: say('chats'), width: 90, dataIndex: 'chats', sorter: (a, b) => a.chats - b.chats },
          { title: say('score'), width: 90, dataIndex: 'score', sorter: (a, b) => (a.score ?? 0) - (b.score ?? 0) },
          { title: say('flagged'), width: 90, dataIndex: 'flagged', sorter: (a, b) => a.flagged - b.flagged },
          { title: say('high'), width: 90, dataIndex: 'high', sorter: (a, b) => a.high - b.high },
          {
            title: say('sampled'),
            width: 120,
            render: (_, { by_people, scored }) => (scored ? `${by_people ?? '–'}（${scored}）` : '–'),
          },
          { title: say('appealsWon'), width: 130, render: (_, each) => `${each.appeals}（${each.withdrawn}）` },
          {
            title: say('topFindings'),
            render: (_, { findings }) =>
              Object.entries(findings)
                .slice(0, 4)
                .map(([rule, count]) => (
                  <Tag key={rule}>
                    {titleOf(rule)} {count}
                  </Tag>
                )),
          },
        ]}
      />
      {option && agent && (
        <section>
          <h3>
            {say('byWeek')} · {agent.name}
          </h3>
          <Chart option={option} label={say('byWeekLabel', agent.name)} height={220} />
        </section>
      )}
    </div>
  );
}
