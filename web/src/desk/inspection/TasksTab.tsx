import { Tag } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { moment } from '../moments';
import { serverNow } from '../serverClock';
import { Nothing, Trouble, Waiting } from '../states';
import { useLanguage } from '../words';
import { InspectedChat } from './InspectedChat';
import { useInspectionApi } from './inspectionApi';
import type { Inspected, Task } from './inspectionWire';
import { useInspectionWords } from './inspectionWords';
import { ScoreMark } from './RiskTag';

/** What this person is to score; when one is done, the next one opens. */
export function TasksTab({ onCounted }: { onCounted: () => void }) {
  const say = useInspectionWords();
  const language = useLanguage();
  const api = useInspectionApi();
  const [tasks, setTasks] = useState<readonly (Task & { chat: Inspected })[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [open, setOpen] = useState<number | null>(null);

  const load = useCallback(
    () =>
      api.tasks('open').then(
        (found) => {
          setTasks(found);
          setError(null);
          setOpen((known) =>
            found.some(({ inspection }) => inspection === known) ? known : (found[0]?.inspection ?? null),
          );
        },
        (refused: unknown) => setError(refused),
      ),
    [api],
  );
  useEffect(() => void load(), [load]);

  if (error) return <Trouble error={error} onRetry={() => void load()} />;
  if (!tasks) return <Waiting />;
  if (tasks.length === 0) return <Nothing icon="tick" title={say('noTasks')} />;
  return (
    <div className="Inspection-split">
      <section className="Inspection-list" aria-label={say('tabTasks')}>
        <ul className="InspectedRows">
          {tasks.map((task) => (
            <li key={task.id}>
              <button
                type="button"
                aria-current={task.inspection === open || undefined}
                onClick={() => setOpen(task.inspection)}
              >
                <ScoreMark score={task.chat.score} risk={task.chat.risk} />
                <span>
                  <b>{task.chat.agent?.name}</b>
                  <small>
                    {task.week} · {moment(task.chat.ended_at, serverNow(), language)}
                  </small>
                  {task.ordinal === 2 && <Tag>{say('second')}</Tag>}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </section>
      <section className="Inspection-open">
        {open !== null && (
          <InspectedChat
            key={open}
            id={open}
            onChanged={() => {
              void load();
              onCounted();
            }}
          />
        )}
      </section>
    </div>
  );
}
