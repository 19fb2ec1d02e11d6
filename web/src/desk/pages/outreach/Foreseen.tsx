import { Table } from 'antd';
import { useCallback } from 'react';
import { Nothing, Trouble } from '../../states';
import { useAsking } from './asking';
import { useLoaded } from './loading';
import { clock } from './StepsTable';
import type { ForeseenStep, ForeseenSteps } from './wire';
import { useOutreachWords } from './words';

/** What a customer would hear from now on if they do nothing, and what they would not, and why. */
export function Foreseen({ who }: { who: string }) {
  const ask = useAsking();
  const say = useOutreachWords();
  const read = useCallback(async () => ask.read<ForeseenSteps>('/foreseen', { who }), [ask, who]);
  const { value, error, again } = useLoaded(read);
  const nothing = value && !value.is_known ? 'nobodyForeseen' : 'nothingForeseen';
  return (
    <section className="Outreach-foreseen" aria-label={say('foreseen')}>
      <h2>{say('foreseen')}</h2>
      <small>{say('foreseenHint')}</small>
      {error ? (
        <Trouble error={error} onRetry={again} />
      ) : (
        <Table<ForeseenStep>
          size="small"
          rowKey={({ scene, about, rung }) => `${scene} ${about} ${rung}`}
          loading={value === null}
          dataSource={value?.steps ?? []}
          pagination={false}
          locale={{ emptyText: <Nothing icon="bell" title={say(nothing)} /> }}
          columns={[
            { title: say('due'), width: 105, render: (_, { due_at }) => <time>{clock(due_at)}</time> },
            { title: say('scene'), width: 150, dataIndex: 'scene_title' },
            {
              title: say('about'),
              width: 200,
              ellipsis: true,
              render: (_, { product, order_no }) => (
                <span className="Detail">{[product, order_no].filter(Boolean).join(' · ')}</span>
              ),
            },
            { title: say('way'), width: 70, render: (_, { way }) => way && say(way) },
            {
              title: say('what'),
              render: (_, { why_not, text }) =>
                why_not ? <span className="Why">{say('wouldNot', why_not)}</span> : <span>{text}</span>,
            },
          ]}
        />
      )}
    </section>
  );
}
