import { Alert, App, Checkbox, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { Refused } from '../api';
import { moment } from '../moments';
import { serverNow } from '../serverClock';
import { useLanguage, wordsOf } from '../words';
import { FieldInputs, neededFor } from './FieldInputs';
import { useTicketApi } from './ticketApi';
import type { TicketRules, WholeTicket } from './ticketWire';
import { useTicketWords, useTitle } from './ticketWords';

interface Given {
  why?: string;
  tell: boolean;
  fields?: Record<string, string | undefined>;
}

interface MoveDialogProps {
  ticket: WholeTicket;
  to: string;
  rules: TicketRules;
  onClose: () => void;
  onMoved: (ticket: WholeTicket) => void;
  /** Somebody else was faster: the newest one. */
  onChanged: (ticket: WholeTicket) => void;
}

/** What a step needs: a reason, fields, and the customer's words to be read before they go out. */
export function MoveDialog({ ticket, to, rules, onClose, onMoved, onChanged }: MoveDialogProps) {
  const api = useTicketApi();
  const say = useTicketWords();
  const titled = useTitle();
  const language = useLanguage();
  const { message } = App.useApp();
  const [form] = Form.useForm<Given>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const why = Form.useWatch('why', form);
  const type = rules.types.find(({ id }) => id === ticket.type);
  const way = rules.transitions.find((each) => each.from === ticket.state && each.to.includes(to));
  const state = rules.states.find(({ id }) => id === to);
  const order = rules.states.map(({ id }) => id);
  const has = new Map(ticket.fields.map(({ id, value }) => [id, value]));
  // What is closed without having been solved needs no result.
  const firstDone = rules.states.find(({ kind }) => kind === 'done')?.id;
  const needed = state?.kind === 'done' && to !== firstDone ? [] : neededFor(type?.fields ?? [], order, to);
  const asked = (type?.fields ?? []).filter(({ id }) => needed.includes(id) && !has.get(id));
  const wasDone = rules.states.find(({ id }) => id === ticket.state)?.kind === 'done';
  // Who was told that it is solved need not hear that it is put away.
  const told = wasDone && state?.kind === 'done' ? '' : (type?.words[to] ?? '');
  const due = ticket.due_at ? moment(ticket.due_at, serverNow(), language) : '…';
  const preview = told
    .replace('{no}', ticket.no)
    .replace('{title}', type?.title ?? '')
    .replace('{due}', due)
    .replace('{why}', why?.trim() ? why.trim() : '…');

  const submit = async (given: Given) => {
    setBusy(true);
    setProblem(null);
    const fields = Object.fromEntries(
      Object.entries(given.fields ?? {}).filter((pair): pair is [string, string] => Boolean(pair[1])),
    );
    try {
      const moved = await api.move(ticket.id, {
        version: ticket.version,
        to,
        why: given.why ?? '',
        fields,
        tell: given.tell,
      });
      void message.success(say('moved', titled(state, to)));
      onMoved(moved);
    } catch (error) {
      setBusy(false);
      if (error instanceof Refused && error.code === 'ticket_changed') {
        void message.warning(say('changed'));
        onChanged(error.extra.ticket as WholeTicket);
        return;
      }
      const problems = error instanceof Refused ? (error.extra.problems as Record<string, string> | undefined) : null;
      if (problems)
        form.setFields(Object.entries(problems).map(([id, text]) => ({ name: ['fields', id], errors: [text] })));
      setProblem(problems ? Object.values(problems).join('；') : wordsOf(error));
    }
  };

  return (
    <Modal
      open
      width={460}
      title={`${ticket.no} ${say('moveTo', titled(state, to))}`}
      okText={say('moveTo', titled(state, to))}
      cancelText={say('cancel')}
      okButtonProps={{ loading: busy }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      {problem && <Alert className="Dialog-problem" type="error" showIcon message={problem} />}
      <Form
        form={form}
        layout="vertical"
        initialValues={{ tell: true, fields: Object.fromEntries(has) }}
        onFinish={(given) => void submit(given)}
      >
        <div className="TicketForm-fields">
          <FieldInputs fields={asked} needed={needed} />
        </div>
        <Form.Item
          name="why"
          label={say('why')}
          rules={way?.why ? [{ required: true, whitespace: true, message: say('required') }] : []}
        >
          <Input.TextArea
            rows={3}
            maxLength={2000}
            placeholder={told.includes('{why}') ? say('whyHint') : say('whyInner')}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.submit();
            }}
          />
        </Form.Item>
        {told && ticket.chat ? (
          <>
            <Form.Item name="tell" valuePropName="checked" className="Dialog-check">
              <Checkbox>{say('tellCustomer')}</Checkbox>
            </Form.Item>
            <blockquote className="TicketPreview">
              <small>{say('customerReads')}</small>
              {preview}
            </blockquote>
          </>
        ) : (
          <p className="TicketPreview-none">{say('customerReadsNothing')}</p>
        )}
      </Form>
    </Modal>
  );
}
