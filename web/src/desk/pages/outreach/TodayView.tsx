import { Alert, App, Button, Switch, Table, Tag } from 'antd';
import { useCallback, useState } from 'react';
import { useSnapshot } from '../../desk';
import { Nothing, Trouble, Waiting } from '../../states';
import { wordsOf } from '../../words';
import { useAsking } from './asking';
import { CaseDrawer } from './CaseDrawer';
import { hasKept } from './keptWords';
import { useLoaded } from './loading';
import { More } from './More';
import { SceneDrawer } from './SceneDrawer';
import { StepsTable } from './StepsTable';
import type { Overview, Scene, Steps } from './wire';
import { type SayOutreach, span, useOutreachWords } from './words';

/** When a scene speaks, in a few words; `whole` with the waits of each category. */
export function timing(say: SayOutreach, scene: Scene, whole = false): string {
  const usual = scene.waits.default ?? 0;
  const others = Object.entries(scene.waits).filter(([category]) => category !== 'default');
  const parts = [usual ? say('after', span(say, usual)) : say('atOnce')];
  if (whole) parts.push(...others.map(([category, wait]) => `${category} ${wait ? span(say, wait) : say('atOnce')}`));
  else if (others.length) parts.push(say('byCategory'));
  if (scene.at.length) parts.push(say('atTimes', scene.at.join(' ')));
  if (scene.in_campaign !== null) parts.push(say('inCampaign', span(say, scene.in_campaign)));
  return parts.join(' · ');
}

export function TodayView() {
  const ask = useAsking();
  const say = useOutreachWords();
  const { message, modal } = App.useApp();
  const account = useSnapshot(({ me }) => String(me.account.id));
  const read = useCallback(async () => ask.read<Overview>(''), [ask]);
  const { value, error, again, set } = useLoaded(read);
  const [opened, setOpened] = useState<string | null>(null);
  const [busy, setBusy] = useState<string | null>(null);

  const turn = async (scene: string, on: boolean) => {
    setBusy(scene);
    try {
      set(await ask.write<Overview>(on ? '/resume' : '/pause', { scene }));
    } catch (refused) {
      void message.error(wordsOf(refused));
    } finally {
      setBusy(null);
    }
  };
  const pauseAll = () =>
    void modal.confirm({
      title: say('pauseAllAsk'),
      content: say('pauseAllMore'),
      okText: say('pauseAll'),
      okButtonProps: { danger: true },
      cancelText: say('cancel'),
      onOk: () => turn('*', false),
    });

  if (error) return <Trouble error={error} onRetry={again} />;
  if (!value) return <Waiting />;
  const scene = value.scenes.find(({ id }) => id === opened) ?? null;
  return (
    <>
      <div className="Outreach-bar">
        <p>
          {say('rules', value.quiet.from, value.quiet.until, value.caps.per_day, value.caps.per_week)}
          {value.is_quiet && <Tag>{say('quietNow', value.quiet.from, value.quiet.until)}</Tag>}
        </p>
        {value.may_edit &&
          (value.paused ? (
            <Button type="primary" loading={busy === '*'} onClick={() => void turn('*', true)}>
              {say('resumeAll')}
            </Button>
          ) : (
            <Button danger loading={busy === '*'} onClick={pauseAll}>
              {say('pauseAll')}
            </Button>
          ))}
      </div>
      {value.paused && <Alert type="warning" showIcon message={say('allPaused')} className="Outreach-alert" />}
      <Table<Scene>
        size="small"
        rowKey="id"
        className="Outreach-scenes"
        dataSource={value.scenes}
        pagination={false}
        columns={[
          {
            title: say('scene'),
            render: (_, row) => (
              <>
                <Button type="link" size="small" className="Outreach-open" onClick={() => setOpened(row.id)}>
                  {row.title}
                </Button>
                <Tag color={row.kind === 'selling' ? 'blue' : 'default'}>{say(row.kind)}</Tag>
                {value.may_edit && hasKept(account, row.id) && <Tag color="orange">{say('notSaved')}</Tag>}
              </>
            ),
          },
          { title: say('when'), render: (_, row) => <span className="Detail">{timing(say, row)}</span> },
          {
            title: say('ladder'),
            width: 190,
            render: (_, row) => row.ladder.map(({ way }) => say(way)).join(' → '),
          },
          ...(['planned', 'sent', 'skipped', 'held', 'failed'] as const).map((state) => ({
            title: say(state),
            width: 76,
            align: 'right' as const,
            render: (_: unknown, row: Scene) => (
              <span className="Count" data-none={row.today[state] === 0}>
                {row.today[state]}
              </span>
            ),
          })),
          {
            title: say('state'),
            width: 110,
            render: (_, row) => (
              <Switch
                size="small"
                aria-label={`${row.title} ${say(row.paused ? 'paused' : 'running')}`}
                checkedChildren={say('running')}
                unCheckedChildren={say('paused')}
                checked={!row.paused}
                disabled={!value.may_edit || value.paused}
                loading={busy === row.id}
                onChange={(on) => void turn(row.id, on)}
              />
            ),
          },
        ]}
      />
      <Plan />
      {scene && (
        <SceneDrawer scene={scene} mayEdit={value.may_edit} onClose={() => setOpened(null)} onChanged={again} />
      )}
    </>
  );
}

/** What is still to be said today. */
function Plan() {
  const ask = useAsking();
  const say = useOutreachWords();
  const read = useCallback(async () => ask.read<Steps>('/plan'), [ask]);
  const { value, error, again, set } = useLoaded(read);
  const [opened, setOpened] = useState<number | null>(null);
  return (
    <section className="Outreach-plan">
      <h2>{say('planToday')}</h2>
      {error ? (
        <Trouble error={error} onRetry={again} />
      ) : (
        <StepsTable
          steps={value?.steps ?? null}
          empty={
            <Nothing icon="bell" title={say('nothingPlanned')}>
              {say('nothingPlannedMore')}
            </Nothing>
          }
          onOpen={setOpened}
        />
      )}
      {value?.more && value.cursor && (
        <More
          read={async () => {
            const next = await ask.read<Steps>('/plan', { after: value.cursor });
            set({ ...next, steps: [...value.steps, ...next.steps] });
          }}
        />
      )}
      {opened !== null && <CaseDrawer id={opened} onClose={() => setOpened(null)} />}
    </section>
  );
}
