import { Button, Table, Tag } from 'antd';
import type { ReactNode } from 'react';
import type { RungState, Step } from './wire';
import { useOutreachWords, yuan } from './words';

const COLORS: Readonly<Record<RungState, string>> = {
  planned: 'default',
  queued: 'processing',
  sent: 'success',
  held: 'default',
  skipped: 'warning',
  failed: 'error',
};

export function clock(at: string | null): string {
  return at ? new Date(at).toLocaleString('sv-SE').slice(5, 16) : '';
}

/** What was said, or is to be said, to whom and why. */
export function StepsTable({
  steps,
  empty,
  onOpen,
}: {
  steps: readonly Step[] | null;
  empty: ReactNode;
  onOpen: (id: number) => void;
}) {
  const say = useOutreachWords();
  return (
    <Table<Step>
      size="small"
      rowKey="id"
      loading={steps === null}
      dataSource={[...(steps ?? [])]}
      pagination={false}
      locale={{ emptyText: empty }}
      columns={[
        {
          title: say('due'),
          width: 105,
          render: (_, step) => <time>{clock(step.sent_at ?? step.decided_at ?? step.due_at)}</time>,
        },
        { title: say('customer'), width: 110, ellipsis: true, render: (_, { customer }) => customer.name },
        {
          title: say('scene'),
          width: 150,
          render: (_, step) => (
            <Button type="link" size="small" className="Outreach-open" onClick={() => onOpen(step.case)}>
              {step.scene_title}
            </Button>
          ),
        },
        {
          title: say('about'),
          width: 200,
          ellipsis: true,
          render: (_, { product, order_no, amount }) => (
            <span className="Detail">{[product, order_no, amount && yuan(amount)].filter(Boolean).join(' · ')}</span>
          ),
        },
        { title: say('way'), width: 70, render: (_, { way }) => say(way) },
        {
          title: say('state'),
          width: 90,
          render: (_, { state }) => <Tag color={COLORS[state]}>{say(state)}</Tag>,
        },
        {
          title: say('what'),
          render: (_, step) =>
            step.reason_title ? <span className="Why">{step.reason_title}</span> : <span>{step.text}</span>,
        },
        {
          title: say('result'),
          width: 90,
          render: (_, step) =>
            step.converted ? (
              <Tag color="green">{say('converted')}</Tag>
            ) : step.delivered_at ? (
              <span className="Detail">{say('delivered')}</span>
            ) : null,
        },
      ]}
    />
  );
}
