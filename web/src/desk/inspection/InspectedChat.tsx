import { App, Button, Input, Modal, Tag } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { moment } from '../moments';
import { serverNow } from '../serverClock';
import { Trouble, Waiting } from '../states';
import { useLanguage, useWords, wordsOf } from '../words';
import { useInspectionApi } from './inspectionApi';
import type { Finding, OpenedInspection, Task } from './inspectionWire';
import { type SayInspection, useInspectionWords } from './inspectionWords';
import { MarkedChat } from './MarkedChat';
import { ScoreMark } from './RiskTag';
import { ScoreSheet } from './ScoreSheet';

function detailOf({ detail }: Finding, say: SayInspection, when: (at: string) => string): string | null {
  const { seconds, limit, named, right, due } = detail;
  if (typeof seconds === 'number' && typeof limit === 'number') return say('seconds', seconds, limit);
  if (typeof named === 'string' && Array.isArray(right)) return say('prices', named, right.join(' / '));
  if (typeof due === 'string') return say('due', when(due));
  return null;
}

/** One inspected chat: marked lines, findings, scores; to score, and to appeal. */
export function InspectedChat({ id, onChanged }: { id: number; onChanged: () => void }) {
  const say = useInspectionWords();
  const sayDesk = useWords();
  const language = useLanguage();
  const api = useInspectionApi();
  const { message } = App.useApp();
  const [opened, setOpened] = useState<OpenedInspection | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [chosen, setChosen] = useState<Finding | null>(null);
  const [about, setAbout] = useState<{ finding: number } | { task: number } | null>(null);
  const [text, setText] = useState('');
  const [sending, setSending] = useState(false);
  const when = (at: string) => moment(at, serverNow(), language);

  const load = useCallback(() => {
    api.chat(id).then(
      (found) => {
        setOpened(found);
        setError(null);
      },
      (refused: unknown) => setError(refused),
    );
  }, [api, id]);
  useEffect(load, [load]);

  if (error) return <Trouble error={error} onRetry={load} />;
  if (!opened) return <Waiting />;
  const { inspection, scores, task, may } = opened;

  const send = (): void => {
    if (!about || !text.trim()) return;
    setSending(true);
    api
      .appeal(about, text.trim())
      .then(() => {
        void message.success(say('appealSent'));
        setAbout(null);
        setText('');
        load();
        onChanged();
      })
      .catch((refused: unknown) => void message.error(wordsOf(refused)))
      .finally(() => setSending(false));
  };
  const appealOf = (score: Task) => opened.appeals.find((each) => each.task === score.id);

  return (
    <article className="InspectedChat">
      <section className="InspectedChat-talk">
        <header>
          <ScoreMark score={inspection.score} risk={inspection.risk} />
          <b>{inspection.agent?.name ?? say('bot')}</b>
          <span>{when(inspection.ended_at)}</span>
          <span>{inspection.channel_title}</span>
          {inspection.group && <span>{inspection.group.title}</span>}
          {inspection.look_again_at && <Tag color="warning">{say('waitsFor', when(inspection.look_again_at))}</Tag>}
        </header>
        <MarkedChat opened={opened} chosen={chosen} onChoose={setChosen} />
      </section>
      <aside className="InspectedChat-side">
        {may.score && task && (
          <ScoreSheet
            key={task.id}
            task={task}
            onScored={() => {
              load();
              onChanged();
            }}
          />
        )}
        <h3>{say('findings')}</h3>
        {inspection.findings.length === 0 && <p className="Faint">{say('noFindings')}</p>}
        <ul className="FindingList">
          {inspection.findings.map((finding) => (
            <li key={finding.id} data-chosen={chosen?.id === finding.id} data-state={finding.state}>
              <button type="button" onClick={() => setChosen(finding)}>
                <Tag
                  color={finding.severity === 'minor' ? 'default' : finding.severity === 'major' ? 'warning' : 'error'}
                >
                  {say(finding.severity)}
                </Tag>
                <b>{finding.title}</b>
                <span>−{finding.weight}</span>
              </button>
              <p>{detailOf(finding, say, when) ?? finding.why}</p>
              {finding.state === 'withdrawn' && <Tag color="success">{say('withdrawn')}</Tag>}
              {finding.appeal === 'open' && <Tag color="processing">{say('appealOpen')}</Tag>}
              {finding.appeal === 'upheld' && <Tag>{say('upheld')}</Tag>}
              {may.appeal && finding.appeal === null && finding.state === 'standing' && (
                <Button size="small" type="link" onClick={() => setAbout({ finding: finding.id })}>
                  {say('appealDo')}
                </Button>
              )}
            </li>
          ))}
        </ul>
        {scores.length > 0 && <h3>{say('scores')}</h3>}
        <ul className="FindingList">
          {scores.map((score) => (
            <li key={score.id} data-state={score.state}>
              <p>
                <b>{score.score}</b> {score.inspector?.name} {score.scored_at && when(score.scored_at)}
                {score.state === 'withdrawn' && <Tag color="success">{say('withdrawn')}</Tag>}
                {appealOf(score)?.state === 'open' && <Tag color="processing">{say('appealOpen')}</Tag>}
                {appealOf(score)?.state === 'upheld' && <Tag>{say('upheld')}</Tag>}
              </p>
              <p>{score.form.criteria.map((each) => `${each.title} ${score.points[each.id] ?? '–'}`).join(' · ')}</p>
              {score.comment && <p>{score.comment}</p>}
              {may.appeal && score.state === 'scored' && !appealOf(score) && (
                <Button size="small" type="link" onClick={() => setAbout({ task: score.id })}>
                  {say('appealDo')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      </aside>
      <Modal
        open={about !== null}
        title={say('appealDo')}
        okText={say('submit')}
        cancelText={sayDesk('cancel')}
        okButtonProps={{ disabled: !text.trim(), loading: sending }}
        onOk={send}
        onCancel={() => setAbout(null)}
      >
        <Input.TextArea
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={say('appealWhy')}
          aria-label={say('appealWhy')}
          maxLength={1000}
          rows={4}
        />
      </Modal>
    </article>
  );
}
