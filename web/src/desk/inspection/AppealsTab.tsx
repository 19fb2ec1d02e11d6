import { App, Button, Input, Modal, Segmented, Table, Tag } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { moment } from '../moments';
import { serverNow } from '../serverClock';
import { Trouble } from '../states';
import { useLanguage, wordsOf } from '../words';
import { useInspectionApi } from './inspectionApi';
import type { Appeal } from './inspectionWire';
import { useInspectionWords } from './inspectionWords';

/** Appeals: to decide for who leads, to read for who has made them. */
export function AppealsTab({
  decides,
  onOpen,
  onCounted,
}: {
  decides: boolean;
  onOpen: (inspection: number) => void;
  onCounted: () => void;
}) {
  const say = useInspectionWords();
  const language = useLanguage();
  const api = useInspectionApi();
  const { message } = App.useApp();
  const [state, setState] = useState<'open' | 'all'>(decides ? 'open' : 'all');
  const [appeals, setAppeals] = useState<Appeal[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [decided, setDecided] = useState<Appeal | null>(null);
  const [reason, setReason] = useState('');
  const [sending, setSending] = useState(false);

  const load = useCallback(
    () =>
      api.appeals(state === 'open' ? 'open' : '').then(
        (found) => {
          setAppeals(found);
          setError(null);
        },
        (refused: unknown) => setError(refused),
      ),
    [api, state],
  );
  useEffect(() => void load(), [load]);

  const settle = (to: 'upheld' | 'withdrawn'): void => {
    if (!decided || !reason.trim()) return;
    setSending(true);
    api
      .decide(decided.id, to, reason.trim())
      .then(() => {
        void message.success(say('decided'));
        setDecided(null);
        setReason('');
        void load();
        onCounted();
      })
      .catch((refused: unknown) => void message.error(wordsOf(refused)))
      .finally(() => setSending(false));
  };

  if (error) return <Trouble error={error} onRetry={() => void load()} />;
  return (
    <div className="Inspection-whole">
      <Segmented
        size="small"
        value={state}
        onChange={setState}
        options={[
          { value: 'open', label: say('openOnes') },
          { value: 'all', label: say('allOnes') },
        ]}
      />
      <Table
        size="small"
        rowKey="id"
        loading={appeals === null}
        dataSource={appeals ?? []}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        locale={{ emptyText: say('noAppeals') }}
        columns={[
          { title: '', width: 120, render: (_, { made_at }) => moment(made_at, serverNow(), language) },
          { title: say('person'), width: 110, render: (_, { by }) => by.name },
          {
            title: say('findings'),
            width: 150,
            render: (_, { about, score, inspection }) => (
              <Button type="link" size="small" onClick={() => onOpen(inspection)}>
                {about ?? `${say('byPeople')} ${score ?? ''}`}
              </Button>
            ),
          },
          { title: say('appealDo'), render: (_, { text }) => text },
          {
            title: say('decide'),
            width: 260,
            render: (_, each) =>
              each.state === 'open' ? (
                decides ? (
                  <Button size="small" onClick={() => setDecided(each)}>
                    {say('decide')}
                  </Button>
                ) : (
                  <Tag color="processing">{say('appealOpen')}</Tag>
                )
              ) : (
                <>
                  <Tag color={each.state === 'withdrawn' ? 'success' : 'default'}>{say(each.state)}</Tag>
                  {each.decided_by}：{each.reason}
                </>
              ),
          },
        ]}
      />
      <Modal
        open={decided !== null}
        title={decided?.about ?? say('byPeople')}
        onCancel={() => setDecided(null)}
        footer={[
          <Button key="uphold" disabled={!reason.trim()} loading={sending} onClick={() => settle('upheld')}>
            {say('uphold')}
          </Button>,
          <Button
            key="withdraw"
            type="primary"
            disabled={!reason.trim()}
            loading={sending}
            onClick={() => settle('withdrawn')}
          >
            {say('withdraw')}
          </Button>,
        ]}
      >
        <blockquote className="Inspection-quote">{decided?.text}</blockquote>
        <Input.TextArea
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          placeholder={say('reason')}
          aria-label={say('reason')}
          maxLength={1000}
          rows={4}
        />
      </Modal>
    </div>
  );
}
