import '../styles/tickets.css';
import { Alert, App, Checkbox, Form, Input, Modal, Select, Skeleton } from 'antd';
import { useEffect, useState } from 'react';
import { Refused } from '../api';
import { useSnapshot } from '../desk';
import { DeskIcon } from '../DeskIcon';
import { moment } from '../moments';
import { serverNow } from '../serverClock';
import { useLanguage, wordsOf } from '../words';
import { FieldInputs, neededFor } from './FieldInputs';
import { useTicketApi, useTicketRules } from './ticketApi';
import type { TicketDraft, TicketRules, WholeTicket } from './ticketWire';
import { useTicketWords, useTitle } from './ticketWords';

interface Given {
  type: string;
  title: string;
  text?: string;
  fields?: Record<string, string | undefined>;
  group: string;
  agent?: string;
  urgent: boolean;
  tell: boolean;
  files?: number[];
  keeps?: boolean;
}

const BLANK: TicketDraft = {
  type: '',
  title: '',
  text: '',
  group: '',
  urgent: false,
  fields: {},
  order_no: null,
  product_no: null,
  message_ids: [],
  files: [],
  orders: [],
  promise: null,
  guessed: false,
};

/** A ticket is raised: from a chat with everything filled in, or from nothing. */
export default function RaiseDialog({
  chat,
  onClose,
  onRaised,
}: {
  chat: string | null;
  onClose: () => void;
  onRaised?: ((ticket: WholeTicket) => void) | undefined;
}) {
  const api = useTicketApi();
  const rules = useTicketRules();
  const say = useTicketWords();
  const [draft, setDraft] = useState<TicketDraft | null>(chat ? null : BLANK);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let current = true;
    if (chat) {
      api.draft(chat).then(
        (made) => {
          if (current) setDraft(made);
        },
        (refused: unknown) => {
          if (current) setError(refused);
        },
      );
    }
    return () => {
      current = false;
    };
  }, [api, chat]);

  if (error === null && rules && draft)
    return <Raise chat={chat} rules={rules} first={draft} onClose={onClose} onRaised={onRaised} />;
  return (
    <Modal open width={620} title={say('newTicket')} footer={null} onCancel={onClose}>
      {error === null ? <Skeleton active /> : <Alert type="error" showIcon message={wordsOf(error)} />}
    </Modal>
  );
}

function Raise({
  chat,
  rules,
  first,
  onClose,
  onRaised,
}: {
  chat: string | null;
  rules: TicketRules;
  first: TicketDraft;
  onClose: () => void;
  onRaised?: ((ticket: WholeTicket) => void) | undefined;
}) {
  const api = useTicketApi();
  const say = useTicketWords();
  const titled = useTitle();
  const language = useLanguage();
  const { message } = App.useApp();
  const [form] = Form.useForm<Given>();
  const [draft, setDraft] = useState(first);
  const [key] = useState(() => `ticket-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const groups = useSnapshot((snapshot) => snapshot.me.groups);
  const agents = useSnapshot((snapshot) => snapshot.agents);
  const typeId = (Form.useWatch('type', form) as string | undefined) ?? draft.type;
  const group = (Form.useWatch('group', form) as string | undefined) ?? draft.group;
  const type = rules.types.find(({ id }) => id === typeId);
  const states = rules.states.map(({ id }) => id);
  const begins = type?.states[0] ?? states[0] ?? '';

  const change = async (wanted: string) => {
    const chosen = rules.types.find(({ id }) => id === wanted);
    if (!chosen) return;
    const [before, title] = [draft.title, form.getFieldValue('title') as string];
    const made = chat ? await api.draft(chat, wanted).catch(() => null) : null;
    // Another type may keep another promise, or none.
    setDraft(made ?? { ...draft, promise: null });
    form.setFieldsValue({
      group: made?.group ?? chosen.group,
      urgent: chosen.urgent,
      fields: { ...made?.fields, ...nonBlank(form.getFieldValue('fields') as Given['fields']) },
      ...(made && title === before ? { title: made.title } : {}),
    });
  };
  const submit = async (given: Given) => {
    setBusy(true);
    setProblem(null);
    try {
      const made = await api.raise({
        key,
        type: given.type,
        title: given.title.trim(),
        text: given.text ?? '',
        fields: nonBlank(given.fields),
        group: given.group,
        agent: given.agent ?? null,
        urgent: given.urgent,
        tell: given.tell,
        chat,
        messages: draft.message_ids,
        files: given.files ?? [],
        promise: given.keeps ? (draft.promise?.id ?? null) : null,
      });
      void message.success(say('created', made.no));
      onRaised?.(made);
      onClose();
    } catch (error) {
      setBusy(false);
      const problems = error instanceof Refused ? (error.extra.problems as Record<string, string> | undefined) : null;
      if (problems)
        form.setFields(Object.entries(problems).map(([id, text]) => ({ name: ['fields', id], errors: [text] })));
      else setProblem(wordsOf(error));
    }
  };

  return (
    <Modal
      open
      width={620}
      className="RaiseDialog"
      title={say('newTicket')}
      okText={say('create')}
      cancelText={say('cancel')}
      okButtonProps={{ loading: busy }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      {problem && <Alert className="Dialog-problem" type="error" showIcon message={problem} />}
      {chat && draft.guessed && !problem && (
        <p className="RaiseDialog-hint">
          <DeskIcon name="spark" size={14} />
          {say('guessed')}
        </p>
      )}
      <Form
        form={form}
        layout="vertical"
        initialValues={{
          type: draft.type || rules.types[0]?.id,
          title: draft.title,
          text: draft.text,
          fields: draft.fields,
          group: draft.group || rules.types[0]?.group,
          urgent: draft.urgent,
          tell: chat !== null,
          keeps: true,
          files: draft.files.map(({ message_id }) => message_id),
        }}
        onFinish={(given) => void submit(given)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.submit();
        }}
      >
        <div className="TicketForm-fields">
          <Form.Item name="type" label={say('type')}>
            <Select
              onChange={(wanted: string) => void change(wanted)}
              options={rules.types.map((each) => ({ value: each.id, label: titled(each) }))}
            />
          </Form.Item>
          <Form.Item name="group" label={say('group')}>
            <Select options={groups.map((each) => ({ value: each.id, label: each.title }))} />
          </Form.Item>
          <Form.Item name="agent" label={say('agent')}>
            <Select
              allowClear
              placeholder={say('nobody')}
              options={agents
                .filter((each) => !each.groups.length || each.groups.includes(group))
                .map((each) => ({ value: each.id, label: each.name }))}
            />
          </Form.Item>
        </div>
        <Form.Item
          name="title"
          label={say('title')}
          rules={[{ required: true, whitespace: true, message: say('required') }]}
        >
          <Input maxLength={80} />
        </Form.Item>
        <div className="TicketForm-fields">
          <FieldInputs
            fields={type?.fields ?? []}
            needed={neededFor(type?.fields ?? [], states, begins)}
            orders={draft.orders}
          />
        </div>
        <Form.Item name="text" label={say('text')}>
          <Input.TextArea rows={4} maxLength={4000} />
        </Form.Item>
        {draft.files.length > 0 && (
          <Form.Item name="files" label={say('files')}>
            <Checkbox.Group className="RaiseDialog-files">
              {draft.files.map((file) => (
                <Checkbox key={file.message_id} value={file.message_id}>
                  {file.kind === 'picture' && file.url ? (
                    <img src={file.url} alt={file.name} />
                  ) : (
                    file.name || file.kind
                  )}
                </Checkbox>
              ))}
            </Checkbox.Group>
          </Form.Item>
        )}
        <div className="RaiseDialog-checks">
          <Form.Item name="urgent" valuePropName="checked">
            <Checkbox>{say('urgent')}</Checkbox>
          </Form.Item>
          {chat && (
            <Form.Item name="tell" valuePropName="checked">
              <Checkbox>{say('tellCustomer')}</Checkbox>
            </Form.Item>
          )}
          {draft.promise && (
            <Form.Item name="keeps" valuePropName="checked">
              <Checkbox>
                {say('keepsPromise', draft.promise.words, moment(draft.promise.due_at, serverNow(), language))}
              </Checkbox>
            </Form.Item>
          )}
        </div>
      </Form>
    </Modal>
  );
}

function nonBlank(fields: Record<string, string | undefined> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).filter((pair): pair is [string, string] => Boolean(pair[1]?.trim())),
  );
}
