import { App, Button, Form, Input, Modal, Segmented, Table, Tag } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useDesk, usePermission } from '../desk';
import { Nothing, Trouble } from '../states';
import type { QuickReply } from '../wire';
import { useWords, wordsOf } from '../words';

interface Fields {
  title: string;
  text: string;
  folder?: string;
  scope: 'mine' | 'shared';
}

export default function RepliesPage() {
  const desk = useDesk();
  const say = useWords();
  const { message, modal } = App.useApp();
  const shares = usePermission('reply.share');
  const [replies, setReplies] = useState<readonly QuickReply[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [words, setWords] = useState('');
  const [edited, setEdited] = useState<QuickReply | 'new' | null>(null);

  const load = useCallback(
    () =>
      desk.api.quickReplies(words.trim(), null, 200).then(
        (read) => {
          setReplies(read);
          setError(null);
        },
        (refused: unknown) => setError(refused),
      ),
    [desk, words],
  );
  useEffect(() => {
    const timer = setTimeout(() => void load(), 120);
    return () => clearTimeout(timer);
  }, [load]);

  const mayChange = (reply: QuickReply) => reply.scope === 'mine' || shares;
  return (
    <main className="Page">
      <header className="Page-head">
        <h1>{say('replies')}</h1>
        <Input
          allowClear
          className="Page-filter"
          aria-label={say('replies')}
          placeholder={say('searchPlaceholder')}
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
        <Button type="primary" onClick={() => setEdited('new')}>
          {say('add')}
        </Button>
      </header>
      {error ? (
        <Trouble error={error} onRetry={() => void load()} />
      ) : (
        <Table
          size="small"
          rowKey="id"
          loading={replies === null}
          dataSource={[...(replies ?? [])]}
          pagination={{ pageSize: 50, hideOnSinglePage: true }}
          locale={{
            emptyText: (
              <Nothing icon="bolt" title={say('noReplies')}>
                {say('noRepliesMore')}
              </Nothing>
            ),
          }}
          columns={[
            { title: say('title'), dataIndex: 'title', width: 180, render: (title: string) => <b>{title}</b> },
            { title: say('content'), dataIndex: 'text' },
            { title: say('folder'), dataIndex: 'folder', width: 110 },
            {
              title: say('scope'),
              dataIndex: 'scope',
              width: 100,
              render: (scope: 'mine' | 'shared') => <Tag bordered={false}>{say(scope)}</Tag>,
            },
            { title: say('uses'), dataIndex: 'used', width: 90, align: 'right' },
            {
              title: '',
              width: 130,
              render: (_, reply) =>
                mayChange(reply) && (
                  <>
                    <Button type="link" size="small" onClick={() => setEdited(reply)}>
                      {say('edit')}
                    </Button>
                    <Button
                      type="link"
                      size="small"
                      danger
                      onClick={() =>
                        void modal.confirm({
                          title: say('removeAsk', reply.title),
                          okText: say('remove'),
                          okButtonProps: { danger: true },
                          cancelText: say('cancel'),
                          onOk: async () =>
                            desk.api
                              .removeReply(reply.id)
                              .then(load, (refused: unknown) => void message.error(wordsOf(refused))),
                        })
                      }
                    >
                      {say('remove')}
                    </Button>
                  </>
                ),
            },
          ]}
        />
      )}
      {edited && (
        <ReplyDialog
          reply={edited === 'new' ? null : edited}
          shares={shares}
          onClose={() => setEdited(null)}
          onSaved={() => {
            setEdited(null);
            void load();
          }}
        />
      )}
    </main>
  );
}

function ReplyDialog({
  reply,
  shares,
  onClose,
  onSaved,
}: {
  reply: QuickReply | null;
  shares: boolean;
  onClose: () => void;
  onSaved: () => void;
}) {
  const desk = useDesk();
  const say = useWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<Fields>();
  const [busy, setBusy] = useState(false);
  const [variables, setVariables] = useState<readonly { name: string; title: string; example: string }[]>([]);
  useEffect(() => {
    desk.api.variables().then(setVariables, () => undefined);
  }, [desk]);
  const save = async (fields: Fields) => {
    setBusy(true);
    const body = { ...fields, folder: fields.folder ?? '' };
    try {
      await (reply ? desk.api.changeReply(reply.id, body) : desk.api.addReply(body));
      void message.success(say('saved'));
      onSaved();
    } catch (error) {
      void message.error(wordsOf(error));
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={reply ? say('edit') : say('add')}
      okText={say('save')}
      cancelText={say('cancel')}
      okButtonProps={{ loading: busy }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={reply ?? { scope: 'mine', title: '', text: '', folder: '' }}
        onFinish={(fields) => void save(fields)}
      >
        <Form.Item name="title" label={say('title')} rules={[{ required: true, message: say('required') }]}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="text" label={say('content')} rules={[{ required: true, message: say('required') }]}>
          <Input.TextArea rows={4} maxLength={1000} />
        </Form.Item>
        {variables.length > 0 && (
          <p className="Variables">
            <small>{say('variables')}</small>
            {variables.map((variable) => (
              <button
                key={variable.name}
                type="button"
                title={variable.example}
                onClick={() => {
                  const written = (form.getFieldValue('text') as string | undefined) ?? '';
                  form.setFieldValue('text', `${written}{${variable.name.replace(/[{}]/g, '')}}`);
                }}
              >
                {variable.title}
              </button>
            ))}
          </p>
        )}
        <Form.Item name="folder" label={say('folder')}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="scope" label={say('scope')}>
          <Segmented
            options={[
              { value: 'mine', label: say('mine') },
              { value: 'shared', label: say('shared'), disabled: !shares },
            ]}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
