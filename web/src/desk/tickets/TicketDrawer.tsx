import { App, Button, Drawer, Form, Input, Select, Switch, Upload } from 'antd';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { Refused } from '../api';
import { useDesk, useSnapshot } from '../desk';
import { DeskIcon } from '../DeskIcon';
import { openChat } from '../place';
import { Trouble, Waiting } from '../states';
import { wordsOf } from '../words';
import { DueClock } from './DueClock';
import { FieldInputs, neededFor } from './FieldInputs';
import { History } from './History';
import { MoveDialog } from './MoveDialog';
import { useTicketApi } from './ticketApi';
import type { TicketRules, WholeTicket } from './ticketWire';
import { useTicketWords, useTitle } from './ticketWords';

interface DrawerProps {
  id: number;
  rules: TicketRules;
  onClose: () => void;
}

/** One ticket: what it says, where it may go, what happened to it. */
export function TicketDrawer({ id, rules, onClose }: DrawerProps) {
  const desk = useDesk();
  const api = useTicketApi();
  const say = useTicketWords();
  const [ticket, setTicket] = useState<WholeTicket | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(
    () =>
      api.one(id).then(
        (read) => {
          setTicket(read);
          setError(null);
        },
        (refused: unknown) => setError(refused),
      ),
    [api, id],
  );
  useEffect(() => {
    void load();
    return desk.hear((name, data) => {
      if (name === 'ticket' && data.ticket === id) void load();
    });
  }, [desk, id, load]);
  return (
    <Drawer open width={560} title={ticket?.no ?? say('tickets')} className="TicketDrawer" onClose={onClose}>
      {error !== null ? (
        <Trouble error={error} onRetry={() => void load()} />
      ) : ticket ? (
        <Whole ticket={ticket} rules={rules} onTicket={setTicket} />
      ) : (
        <Waiting />
      )}
    </Drawer>
  );
}

function Whole({
  ticket,
  rules,
  onTicket,
}: {
  ticket: WholeTicket;
  rules: TicketRules;
  onTicket: (ticket: WholeTicket) => void;
}) {
  const api = useTicketApi();
  const say = useTicketWords();
  const titled = useTitle();
  const { message } = App.useApp();
  const me = useSnapshot((snapshot) => snapshot.me.agent?.id ?? null);
  const [moving, setMoving] = useState<string | null>(null);
  const [edits, setEdits] = useState(false);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const type = rules.types.find((each) => each.id === ticket.type);
  const state = rules.states.find((each) => each.id === ticket.state);
  const next = nextOf(ticket, rules);

  const doing = async (deed: () => Promise<WholeTicket>, done?: string): Promise<boolean> => {
    setBusy(true);
    try {
      onTicket(await deed());
      if (done) void message.success(done);
      return true;
    } catch (error) {
      if (error instanceof Refused && error.code === 'ticket_changed') {
        onTicket(error.extra.ticket as WholeTicket);
        void message.warning(say('changed'));
      } else void message.error(wordsOf(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  const addComment = () => {
    if (text.trim())
      void doing(() => api.comment(ticket.id, text.trim())).then((done) => {
        if (done) setText('');
      });
  };

  return (
    <article className="TicketWhole" data-overdue={ticket.overdue}>
      <header>
        <p>
          <i className="Mark">{titled(type, ticket.type)}</i>
          <i className="Mark Mark--state" data-kind={ticket.kind}>
            {titled(state, ticket.state)}
          </i>
          {ticket.urgent && <i className="Mark Mark--angry">{say('urgent')}</i>}
          <DueClock due={ticket} />
        </p>
        <h2>{ticket.title}</h2>
      </header>
      <div className="TicketWhole-ways">
        {ticket.agent?.id !== me && me !== null && ticket.kind !== 'done' && (
          <Button
            loading={busy}
            onClick={() =>
              void doing(() => api.change(ticket.id, { version: ticket.version, agent: me }), say('taken'))
            }
          >
            {say('take')}
          </Button>
        )}
        {ticket.ways.map((way) => (
          <Button
            key={way.to}
            type={way.to === next ? 'primary' : 'default'}
            disabled={!way.may}
            title={way.may ? undefined : say('onlySupervisor')}
            onClick={() => setMoving(way.to)}
          >
            {say(
              'moveTo',
              titled(
                rules.states.find((each) => each.id === way.to),
                way.to,
              ),
            )}
          </Button>
        ))}
        <Button type="text" icon={<DeskIcon name="note" size={15} />} onClick={() => setEdits(!edits)}>
          {say('edit')}
        </Button>
      </div>
      {edits ? (
        <Edit
          ticket={ticket}
          rules={rules}
          busy={busy}
          onCancel={() => setEdits(false)}
          onSave={(changes) =>
            void doing(() => api.change(ticket.id, { version: ticket.version, ...changes }), say('saved')).then(
              (done) => {
                if (done) setEdits(false);
              },
            )
          }
        />
      ) : (
        <>
          <dl className="TicketWhole-facts">
            <Fact name={say('customer')}>
              {ticket.customer.name}
              {ticket.chat ? (
                <Button type="link" size="small" onClick={() => openChat(ticket.chat)}>
                  {say('openChat')}
                </Button>
              ) : (
                <small>{say('noChat')}</small>
              )}
            </Fact>
            <Fact name={say('agent')}>{ticket.agent?.name ?? say('nobody')}</Fact>
            <Fact name={say('group')}>{ticket.group.title}</Fact>
            {ticket.fields
              .filter(({ value }) => value)
              .map(({ id, value }) => (
                <Fact
                  key={id}
                  name={titled(
                    type?.fields.find((field) => field.id === id),
                    id,
                  )}
                >
                  {value}
                </Fact>
              ))}
          </dl>
          {ticket.text && <p className="TicketWhole-text">{ticket.text}</p>}
        </>
      )}
      {ticket.promises.length > 0 && (
        <ul className="TicketWhole-promises">
          {ticket.promises.map((promise) => (
            <li key={promise.id}>
              <DeskIcon name="bell" size={14} />
              {say('promised')} <b>{promise.words}</b>
              {promise.state === 'kept' ? <small>{say('kept')}</small> : <DueClock due={promise} />}
            </li>
          ))}
        </ul>
      )}
      <section className="TicketWhole-write">
        <Input.TextArea
          rows={2}
          maxLength={2000}
          aria-label={say('addComment')}
          placeholder={say('comment')}
          value={text}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) addComment();
          }}
        />
        <p>
          <Upload
            accept="image/*,video/*,audio/*,.pdf,.doc,.docx,.xls,.xlsx"
            showUploadList={false}
            beforeUpload={(file) => {
              void doing(() => api.attach(ticket.id, file));
              return false;
            }}
          >
            <Button size="small" icon={<DeskIcon name="picture" size={14} />}>
              {say('addFile')}
            </Button>
          </Upload>
          <Button size="small" type="primary" disabled={!text.trim()} loading={busy} onClick={addComment}>
            {say('addComment')}
          </Button>
        </p>
      </section>
      <h3>{say('history')}</h3>
      <History entries={ticket.entries} rules={rules} />
      {moving && (
        <MoveDialog
          ticket={ticket}
          to={moving}
          rules={rules}
          onClose={() => setMoving(null)}
          onMoved={(moved) => {
            setMoving(null);
            onTicket(moved);
          }}
          onChanged={(newest) => {
            setMoving(null);
            onTicket(newest);
          }}
        />
      )}
    </article>
  );
}

/** The step that is likely next: on from the first state, then to the end. */
function nextOf(ticket: WholeTicket, rules: TicketRules): string | undefined {
  const order = rules.states.map(({ id }) => id);
  const here = order.indexOf(ticket.state);
  const ahead = ticket.ways.map(({ to }) => to).filter((to) => order.indexOf(to) > here);
  const ends = ahead.filter((to) => rules.states.find(({ id }) => id === to)?.kind === 'done');
  return here === 0 ? ahead[0] : ends[0];
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface Given {
  title: string;
  text?: string;
  type: string;
  group: string;
  agent?: string;
  urgent: boolean;
  fields?: Record<string, string | undefined>;
}

function Edit({
  ticket,
  rules,
  busy,
  onCancel,
  onSave,
}: {
  ticket: WholeTicket;
  rules: TicketRules;
  busy: boolean;
  onCancel: () => void;
  onSave: (changes: Record<string, unknown>) => void;
}) {
  const say = useTicketWords();
  const titled = useTitle();
  const [form] = Form.useForm<Given>();
  const groups = useSnapshot((snapshot) => snapshot.me.groups);
  const agents = useSnapshot((snapshot) => snapshot.agents);
  const typeId = (Form.useWatch('type', form) as string | undefined) ?? ticket.type;
  const type = rules.types.find(({ id }) => id === typeId);
  const order = rules.states.map(({ id }) => id);
  return (
    <Form
      form={form}
      layout="vertical"
      className="TicketWhole-edit"
      initialValues={{
        title: ticket.title,
        text: ticket.text,
        type: ticket.type,
        group: ticket.group.id,
        agent: ticket.agent?.id,
        urgent: ticket.urgent,
        fields: Object.fromEntries(ticket.fields.map(({ id, value }) => [id, value])),
      }}
      onFinish={(given) =>
        onSave({
          ...given,
          text: given.text ?? '',
          agent: given.agent ?? null,
          fields: Object.fromEntries(Object.entries(given.fields ?? {}).map(([id, value]) => [id, value ?? ''])),
        })
      }
    >
      <Form.Item
        name="title"
        label={say('title')}
        rules={[{ required: true, whitespace: true, message: say('required') }]}
      >
        <Input maxLength={80} />
      </Form.Item>
      <div className="TicketForm-fields">
        <Form.Item name="type" label={say('type')}>
          <Select options={rules.types.map((each) => ({ value: each.id, label: titled(each) }))} />
        </Form.Item>
        <Form.Item name="group" label={say('group')}>
          <Select options={groups.map((each) => ({ value: each.id, label: each.title }))} />
        </Form.Item>
        <Form.Item name="agent" label={say('agent')}>
          <Select
            allowClear
            placeholder={say('nobody')}
            options={agents.map((each) => ({ value: each.id, label: each.name }))}
          />
        </Form.Item>
        <Form.Item name="urgent" label={say('urgent')} valuePropName="checked">
          <Switch size="small" />
        </Form.Item>
        <FieldInputs fields={type?.fields ?? []} needed={neededFor(type?.fields ?? [], order, ticket.state)} />
      </div>
      <Form.Item name="text" label={say('text')}>
        <Input.TextArea rows={4} maxLength={4000} />
      </Form.Item>
      <p className="TicketWhole-ways">
        <Button type="primary" htmlType="submit" loading={busy}>
          {say('save')}
        </Button>
        <Button onClick={onCancel}>{say('cancel')}</Button>
      </p>
    </Form>
  );
}
