import { Input, Segmented, Tag } from 'antd';
import { useCallback, useState } from 'react';
import { Nothing, Trouble } from '../../states';
import { useAsking } from './asking';
import { CaseDrawer } from './CaseDrawer';
import { Foreseen } from './Foreseen';
import { useLoaded } from './loading';
import { More } from './More';
import { StepsTable } from './StepsTable';
import type { Steps } from './wire';
import { useOutreachWords } from './words';

const STATES = ['all', 'sent', 'skipped', 'held', 'failed'] as const;
type Shown = (typeof STATES)[number];

/** What was said to whom and why, and what was not. */
export function LogView() {
  const ask = useAsking();
  const say = useOutreachWords();
  const [state, setState] = useState<Shown>('all');
  const [who, setWho] = useState('');
  const [opened, setOpened] = useState<number | null>(null);
  const read = useCallback(async () => ask.read<Steps>('/log', { state, who }), [ask, state, who]);
  const { value, error, again, set } = useLoaded(read);
  return (
    <>
      <div className="Outreach-bar">
        <Segmented<Shown>
          value={state}
          onChange={setState}
          options={STATES.map((each) => ({ value: each, label: say(each) }))}
        />
        <Input.Search
          allowClear
          className="Outreach-find"
          aria-label={say('find')}
          placeholder={say('find')}
          onSearch={(words) => setWho(words.trim())}
        />
      </div>
      {who && <Foreseen who={who} />}
      {who && <h2 className="Outreach-h">{say('soFar')}</h2>}
      {!!value?.reasons?.length && !who && (
        <p className="Outreach-reasons">
          <small>{say('whyNotToday')}</small>
          {value.reasons.map(({ reason, title, count }) => (
            <Tag key={reason}>
              {title} {count}
            </Tag>
          ))}
        </p>
      )}
      {error ? (
        <Trouble error={error} onRetry={again} />
      ) : (
        <StepsTable
          steps={value?.steps ?? null}
          empty={
            <Nothing icon="bell" title={say('nothingSent')}>
              {say(state === 'all' && !who ? 'nothingSentMore' : 'nothingFound')}
            </Nothing>
          }
          onOpen={setOpened}
        />
      )}
      {value?.more && value.cursor && (
        <More
          read={async () => {
            const next = await ask.read<Steps>('/log', { state, who, before: value.cursor });
            set({ ...next, steps: [...value.steps, ...next.steps] });
          }}
        />
      )}
      {opened !== null && <CaseDrawer id={opened} onClose={() => setOpened(null)} />}
    </>
  );
}
