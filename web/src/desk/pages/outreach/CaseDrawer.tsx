import { Button, Descriptions, Drawer, Tag, Timeline } from 'antd';
import { useCallback } from 'react';
import { openChat } from '../../place';
import { Trouble, Waiting } from '../../states';
import { useAsking } from './asking';
import { useLoaded } from './loading';
import { clock } from './StepsTable';
import type { Course } from './wire';
import { useOutreachWords, yuan } from './words';

/** One case from what began it to what came of it. */
export function CaseDrawer({ id, onClose }: { id: number; onClose: () => void }) {
  const ask = useAsking();
  const say = useOutreachWords();
  const read = useCallback(async () => (await ask.read<{ case: Course }>(`/cases/${id}`)).case, [ask, id]);
  const { value, error, again } = useLoaded(read);
  const chat = value?.chat;
  return (
    <Drawer
      open
      width={520}
      title={say('caseTitle')}
      onClose={onClose}
      extra={
        chat && (
          <Button size="small" onClick={() => openChat(chat)}>
            {say('openChat')}
          </Button>
        )
      }
    >
      {error ? (
        <Trouble error={error} onRetry={again} />
      ) : value ? (
        <>
          <Descriptions size="small" column={1} bordered items={described(value, say)} />
          <Timeline
            className="Outreach-course"
            items={value.rungs.map((rung) => ({
              key: rung.id,
              color: rung.state === 'sent' ? 'green' : rung.state === 'failed' ? 'red' : 'gray',
              children: (
                <>
                  <p>
                    <b>{say('stepNo', rung.rung)}</b> · {say(rung.way)} · {say(rung.state)}
                    {rung.reason_title && <Tag>{rung.reason_title}</Tag>}
                  </p>
                  <small>
                    {clock(rung.sent_at ?? rung.decided_at ?? rung.due_at)}
                    {rung.delivered_at && ` · ${say('delivered')} ${clock(rung.delivered_at)}`}
                  </small>
                  {rung.text && <blockquote>{rung.text}</blockquote>}
                </>
              ),
            }))}
          />
        </>
      ) : (
        <Waiting />
      )}
    </Drawer>
  );
}

function described(course: Course, say: ReturnType<typeof useOutreachWords>) {
  const rows: [string, string | null][] = [
    [say('scene'), course.scene_title],
    [
      say('customer'),
      [course.customer.name, course.customer.level, course.customer.region].filter(Boolean).join(' · '),
    ],
    [say('about'), [course.product, course.order_no, course.amount && yuan(course.amount)].filter(Boolean).join(' · ')],
    [say('because'), course.why_title],
    [say('moment'), clock(course.moment)],
    [say('arm'), say(course.arm)],
    [say('audience'), course.audience],
    [say('variant'), course.variant],
    [say(course.arm === 'control' ? 'exposedControl' : 'exposed'), clock(course.exposed_at)],
    [say('watchUntil'), clock(course.watch_until)],
    [say('answered'), clock(course.answered_at)],
    [say('convertedAt'), [clock(course.converted_at), course.converted_order_no].filter(Boolean).join(' · ')],
    [say('recovered'), course.recovered && yuan(course.recovered)],
    [say('unsubscribed'), clock(course.unsubscribed_at)],
    [say('ended'), [clock(course.ended_at), course.ended_title].filter(Boolean).join(' · ')],
  ];
  return rows.flatMap(([label, children]) => (children ? [{ key: label, label, children }] : []));
}
