import { Alert, Segmented, Table, Tag } from 'antd';
import { useCallback, useState } from 'react';
import { Nothing, Trouble } from '../../states';
import { useAsking } from './asking';
import { useLoaded } from './loading';
import { More } from './More';
import { clock } from './StepsTable';
import type { Contact } from './wire';
import { type SayOutreach, useOutreachWords, yuan } from './words';

const COLORS: Readonly<Record<Contact['state'], string>> = {
  waiting: 'default',
  sending: 'processing',
  sent: 'blue',
  delivered: 'success',
  failed: 'error',
  taken: 'processing',
  done: 'success',
};
type Shown = 'all' | 'sms' | 'phone';
interface Page {
  contacts: Contact[];
  more: boolean;
}

/** What came back: the receipt of an SMS, or who has made a call and how it went. */
function receiptOf(say: SayOutreach, contact: Contact): string {
  const { state, way, provider, delivered_at, taken_by, outcome_title } = contact;
  if (way === 'phone') return [taken_by, outcome_title].filter(Boolean).join(' · ');
  if (delivered_at) return clock(delivered_at);
  return state === 'sent' && provider !== 'outbox' ? say('noReceipt') : '';
}

/** Every SMS and call: what would be sent, or was. */
export function OutboxView() {
  const ask = useAsking();
  const say = useOutreachWords();
  const [way, setWay] = useState<Shown>('all');
  const asked = way === 'all' ? null : way;
  const read = useCallback(async () => ask.read<Page>('/outbox', { way: asked }), [ask, asked]);
  const { value, error, again, set } = useLoaded(read);
  const last = value?.contacts[value.contacts.length - 1]?.id;
  return (
    <>
      <div className="Outreach-bar">
        <Segmented<Shown>
          value={way}
          onChange={setWay}
          options={(['all', 'sms', 'phone'] as const).map((each) => ({ value: each, label: say(each) }))}
        />
      </div>
      {value?.contacts.some(({ provider }) => provider === 'outbox') && (
        <Alert type="info" showIcon message={say('outboxHint')} className="Outreach-alert" />
      )}
      {error ? (
        <Trouble error={error} onRetry={again} />
      ) : (
        <Table<Contact>
          size="small"
          rowKey="id"
          loading={value === null}
          dataSource={value?.contacts ?? []}
          pagination={false}
          locale={{
            emptyText: (
              <Nothing icon="phone" title={say('noOutbox')}>
                {say('noOutboxMore')}
              </Nothing>
            ),
          }}
          columns={[
            {
              title: say('due'),
              width: 105,
              render: (_, contact) => <time>{clock(contact.sent_at ?? contact.done_at ?? contact.due_at)}</time>,
            },
            { title: say('way'), width: 70, render: (_, { way: by }) => say(by) },
            { title: say('customer'), width: 110, ellipsis: true, render: (_, { customer }) => customer.name },
            { title: say('number'), width: 125, dataIndex: 'number' },
            { title: say('scene'), width: 130, dataIndex: 'scene_title' },
            {
              title: say('what'),
              render: (_, contact) => (
                <>
                  {contact.text}
                  {contact.note && <p className="Detail">{contact.note}</p>}
                  {contact.problem && <p className="Why">{contact.problem}</p>}
                </>
              ),
            },
            { title: say('template'), width: 120, dataIndex: 'template', ellipsis: true },
            { title: say('cost'), width: 70, align: 'right', render: (_, { cost }) => yuan(cost) },
            {
              title: say('state'),
              width: 130,
              render: (_, contact) => (
                <>
                  <Tag color={COLORS[contact.state]}>{say(contact.state)}</Tag>
                  <p className="Detail">{receiptOf(say, contact)}</p>
                </>
              ),
            },
          ]}
        />
      )}
      {value?.more && last !== undefined && (
        <More
          read={async () => {
            const next = await ask.read<Page>('/outbox', { way: asked, before: last });
            set({ ...next, contacts: [...value.contacts, ...next.contacts] });
          }}
        />
      )}
    </>
  );
}
