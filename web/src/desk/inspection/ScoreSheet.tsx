import { App, Button, Input } from 'antd';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { wordsOf } from '../words';
import { useInspectionApi } from './inspectionApi';
import type { Task } from './inspectionWire';
import { useInspectionWords } from './inspectionWords';

/** A form to score by: digits choose a level and go on, arrows move, Ctrl+Enter submits. */
export function ScoreSheet({ task, onScored }: { task: Task; onScored: () => void }) {
  const say = useInspectionWords();
  const api = useInspectionApi();
  const { message } = App.useApp();
  const { criteria } = task.form;
  const [points, setPoints] = useState<Record<string, number>>({});
  const [comment, setComment] = useState('');
  const [at, setAt] = useState(0);
  const [sending, setSending] = useState(false);
  const sheet = useRef<HTMLDivElement>(null);
  const missing = criteria.filter(({ id }) => points[id] === undefined).length;
  const sum = criteria.reduce((all, { id }) => all + (points[id] ?? 0), 0);
  const best = criteria.reduce((all, each) => all + Math.max(...each.points), 0);
  const lost = criteria.some((each) => each.fatal && points[each.id] === each.points[0]);

  useEffect(() => sheet.current?.focus(), [task.id]);

  const give = (criterion: number, level: number): void => {
    const chosen = criteria[criterion];
    const value = chosen?.points[level];
    if (!chosen || value === undefined) return;
    setPoints((known) => ({ ...known, [chosen.id]: value }));
    setAt(Math.min(criterion + 1, criteria.length - 1));
  };
  const submit = (): void => {
    if (missing || sending) return;
    setSending(true);
    api
      .score(task.id, points, comment)
      .then(({ task: done }) => {
        void message.success(say('scored', done.score ?? 0));
        onScored();
      })
      .catch((error: unknown) => void message.error(wordsOf(error)))
      .finally(() => setSending(false));
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
      return;
    }
    if ((event.target as Element).tagName === 'TEXTAREA' || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'ArrowDown') setAt((now) => Math.min(now + 1, criteria.length - 1));
    else if (event.key === 'ArrowUp') setAt((now) => Math.max(now - 1, 0));
    else if (/^[1-9]$/.test(event.key)) give(at, Number(event.key) - 1);
    else return;
    event.preventDefault();
  };

  return (
    // Its keys work wherever the focus is inside; everything can be clicked as well.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div className="ScoreSheet" role="group" aria-label={say('scoring')} tabIndex={-1} ref={sheet} onKeyDown={onKey}>
      <header>
        <h3>{task.form.title}</h3>
        <output data-lost={lost}>{lost ? 0 : Math.round((100 * sum) / best)}</output>
      </header>
      <small>{say('scoringKeys')}</small>
      {criteria.map((criterion, place) => (
        <fieldset key={criterion.id} data-at={place === at}>
          <legend>{criterion.title}</legend>
          <p>
            {criterion.hint}
            {criterion.fatal && <em> · {say('fatalHint')}</em>}
          </p>
          <div className="ScoreSheet-levels">
            {criterion.points.map((value, level) => (
              <button
                key={value}
                type="button"
                aria-pressed={points[criterion.id] === value}
                aria-label={`${criterion.title} ${value}`}
                onClick={() => give(place, level)}
              >
                <kbd>{level + 1}</kbd>
                {value}
              </button>
            ))}
          </div>
        </fieldset>
      ))}
      <Input.TextArea
        value={comment}
        onChange={(event) => setComment(event.target.value)}
        placeholder={say('comment')}
        aria-label={say('comment')}
        maxLength={1000}
        rows={3}
      />
      <Button type="primary" block disabled={missing > 0} loading={sending} onClick={submit}>
        {missing ? say('unfinished', missing) : say('submit')}
      </Button>
    </div>
  );
}
