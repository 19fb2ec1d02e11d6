import { Alert, App, Form, Input, Modal, Select, Tooltip } from 'antd';
import { useEffect, useState } from 'react';
import { Refused } from '../api';
import { useDesk } from '../desk';
import { DeskIcon, type IconName } from '../DeskIcon';
import type { DeedField, QuickDeed } from '../wire';
import { useWords, wordsOf } from '../words';

const ICONS: Readonly<Record<string, IconName>> = {
  coupon: 'gift',
  after_sales: 'swap',
  address: 'pin',
  invoice: 'file',
  bundle: 'box',
};

/** What can be done for the customer in a few clicks, inside the merchant's rules. */
export function Deeds({ chat, onDone }: { chat: string; onDone: () => void }) {
  const desk = useDesk();
  const say = useWords();
  const [deeds, setDeeds] = useState<readonly QuickDeed[]>([]);
  const [again, setAgain] = useState(0);
  const [open, setOpen] = useState<{ deed: QuickDeed; key: string } | null>(null);
  useEffect(() => {
    let current = true;
    desk.api.deeds(chat).then(
      (read) => {
        if (current) setDeeds(read);
      },
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [desk, chat, again]);
  if (!deeds.length) return null;
  return (
    <section className="Deeds" aria-label={say('deeds')}>
      {deeds.map((deed) => (
        <Tooltip key={deed.kind} title={deed.may ? null : deed.why_not}>
          <button
            type="button"
            disabled={!deed.may}
            onClick={() =>
              setOpen({ deed, key: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}` })
            }
          >
            <DeskIcon name={ICONS[deed.kind] ?? 'bolt'} size={17} />
            <span>{deed.title}</span>
          </button>
        </Tooltip>
      ))}
      {open && (
        <DeedDialog
          chat={chat}
          deed={open.deed}
          deedKey={open.key}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null);
            setAgain(again + 1);
            onDone();
          }}
        />
      )}
    </section>
  );
}

function Field({
  field,
  ...given
}: {
  field: DeedField;
  value?: string;
  onChange?: (value: string) => void;
  id?: string;
}) {
  const say = useWords();
  const { value, onChange, id } = given;
  const change = onChange ?? (() => undefined);
  if (field.type === 'choice' || field.type === 'order') {
    return (
      <Select
        {...(id ? { id } : {})}
        value={value === '' ? null : (value ?? null)}
        placeholder={say('choose')}
        onChange={change}
        options={field.choices.map(({ value: each, title }) => ({ value: each, label: title }))}
        showSearch
        optionFilterProp="label"
      />
    );
  }
  if (field.type === 'long') {
    return <Input.TextArea id={id} rows={3} value={value} onChange={({ target }) => change(target.value)} />;
  }
  return (
    <Input
      id={id}
      value={value}
      inputMode={field.type === 'money' ? 'decimal' : field.type === 'phone' ? 'tel' : 'text'}
      prefix={field.type === 'money' ? '¥' : undefined}
      placeholder={field.at_most ? say('atMost', field.at_most) : undefined}
      onChange={({ target }) => change(target.value)}
    />
  );
}

/** What stands against a choice, said before anybody fills in the rest; null leaves no room for it. */
function hintOf(field: DeedField, value: string | undefined) {
  const hint = field.choices.find((choice) => choice.value === (value ?? field.value))?.hint;
  return hint ? <Alert className="Dialog-hint" type="warning" showIcon message={hint} /> : null;
}

function DeedDialog({
  chat,
  deed,
  deedKey,
  onClose,
  onDone,
}: {
  chat: string;
  deed: QuickDeed;
  deedKey: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const desk = useDesk();
  const say = useWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<Record<string, string>>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const filled = Form.useWatch([], form) as Record<string, string | undefined> | undefined;

  const submit = async (values: Record<string, string | undefined>) => {
    setBusy(true);
    setProblem(null);
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''));
    try {
      const { deed: done } = await desk.api.deed(chat, deedKey, deed.kind, given);
      void message.success(done.text || say('deedDone'));
      onDone();
    } catch (error) {
      const problems =
        error instanceof Refused ? (error.extra.problems as Record<string, string> | undefined) : undefined;
      if (problems) form.setFields(Object.entries(problems).map(([name, text]) => ({ name, errors: [text] })));
      const reason = error instanceof Refused && typeof error.extra.reason === 'string' ? error.extra.reason : null;
      setProblem(problems ? null : (reason ?? wordsOf(error)));
      setBusy(false);
    }
  };

  return (
    <Modal
      open
      title={deed.title}
      okText={say('submit')}
      cancelText={say('cancel')}
      okButtonProps={{ loading: busy }}
      onOk={() => form.submit()}
      onCancel={onClose}
      width={440}
    >
      {problem && <Alert className="Dialog-problem" type="error" showIcon message={problem} />}
      <Form
        form={form}
        layout="vertical"
        initialValues={Object.fromEntries(
          deed.fields.map((field) => [field.name, field.value === '' ? undefined : (field.value ?? undefined)]),
        )}
        onFinish={(values) => void submit(values)}
      >
        {deed.fields.map((field) => (
          <Form.Item
            key={field.name}
            name={field.name}
            label={field.title}
            rules={field.required ? [{ required: true, message: say('required') }] : []}
            extra={hintOf(field, filled?.[field.name])}
          >
            <Field field={field} />
          </Form.Item>
        ))}
      </Form>
    </Modal>
  );
}
