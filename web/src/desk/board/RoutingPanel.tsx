import { App, Button, Form, Input, InputNumber, Segmented, Select, Table } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useDesk } from '../desk';
import { serverNow } from '../serverClock';
import { Nothing, Trouble, Waiting } from '../states';
import { wordsOf } from '../words';
import { boardApi } from './api';
import { NONE } from './telling';
import { useBoardWords, type BoardSay } from './words';
import { KINDS, type Kind, type RoutingChange, type RoutingNow } from './wire';

interface Fields {
  kind: Kind;
  target: string;
  to?: string;
  after?: number;
  open?: string;
  minutes?: number;
  most?: number;
  capacity?: number;
  groups?: string[];
  why: string;
  hours: number;
}

const HOURS = [1, 2, 4, 8, 0] as const;
const SHORTEST_MS = 60_000;

/** Routing changed on the spot, taken back, and all that ever was changed. */
export function RoutingPanel() {
  const desk = useDesk();
  const say = useBoardWords();
  const { message } = App.useApp();
  const [routing, setRouting] = useState<RoutingNow | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(
    () =>
      boardApi.routing(desk.api).then(
        (read) => {
          setRouting(read);
          setError(null);
        },
        (refused: unknown) => setError(refused),
      ),
    [desk],
  );
  useEffect(() => void load(), [load]);
  const takeBack = (id: number) =>
    boardApi
      .restoreRouting(desk.api, id)
      .then(() => {
        void message.success(say('takenBack'));
        return load();
      })
      .catch((refused: unknown) => void message.error(wordsOf(refused)));

  if (error) return <Trouble error={error} onRetry={() => void load()} />;
  if (!routing) return <Waiting />;
  return (
    <div className="Routing">
      <section>
        <p className="Soft">{say('routingLead')}</p>
        <ChangeForm routing={routing} onChanged={() => void load()} />
      </section>
      <section>
        <h2>{say('inForce')}</h2>
        {routing.in_force.length === 0 ? (
          <Nothing icon="tick" title={say('nothingInForce')} />
        ) : (
          <ul className="Changes">
            {routing.in_force.map((change) => (
              <li key={change.id} data-change={change.id}>
                <b>
                  {say(`kind_${change.kind}`)} · {change.title}
                </b>
                <span>{valueWords(change, routing, say)}</span>
                <small>
                  {change.why} · {change.by} · {say('until')} {local(change.until)}
                </small>
                <Button size="small" onClick={() => void takeBack(change.id)}>
                  {say('takeBack')}
                </Button>
              </li>
            ))}
          </ul>
        )}
        <h2>{say('trail')}</h2>
        <Table<RoutingChange>
          size="small"
          rowKey="id"
          dataSource={routing.trail}
          pagination={{ pageSize: 10, hideOnSinglePage: true }}
          columns={[
            { title: say('from'), width: 130, render: (_, change) => local(change.created_at) },
            { title: say('kind'), render: (_, change) => `${say(`kind_${change.kind}`)} · ${change.title}` },
            { title: '', render: (_, change) => valueWords(change, routing, say) },
            { title: say('why'), dataIndex: 'why' },
            { title: say('by'), dataIndex: 'by', width: 100 },
            {
              title: say('state'),
              width: 130,
              render: (_, { end, ended_by }) => (end === null ? say('running') : say(`end_${end}`, ended_by ?? NONE)),
            },
          ]}
        />
      </section>
    </div>
  );
}

function local(iso: string): string {
  return new Date(iso).toLocaleString('sv-SE').slice(5, 16);
}

function valueWords({ kind, value }: RoutingChange, routing: RoutingNow, say: BoardSay): string {
  const title = (id: unknown) => routing.groups.find((group) => group.id === id)?.title ?? String(id);
  switch (kind) {
    case 'overflow':
      return value.to ? `${title(value.to)}（${String(value.after)}s）` : say('nobody');
    case 'hours':
      return `${String(value.day)} ${(value.open as string[]).join('、') || NONE}`;
    case 'ahead':
      return `${Math.round(Number(value.seconds) / 60)} min`;
    case 'longest':
      return String(value.most);
    case 'capacity':
      return String(value.capacity);
    case 'help':
      return (value.groups as string[]).map(title).join('、');
  }
}

function ChangeForm({ routing, onChanged }: { routing: RoutingNow; onChanged: () => void }) {
  const desk = useDesk();
  const say = useBoardWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<Fields>();
  const [busy, setBusy] = useState(false);
  // Nothing is watched before the form is drawn.
  const kind = (Form.useWatch('kind', form) as Kind | undefined) ?? 'overflow';
  const target = Form.useWatch('target', form);
  const groups = routing.groups.map(({ id, title }) => ({ value: id, label: title }));
  const agents = routing.agents.map(({ id, name }) => ({ value: id, label: name }));
  const targets =
    kind === 'ahead'
      ? routing.conditions.map(({ id, title }) => ({ value: id, label: title }))
      : kind === 'capacity' || kind === 'help'
        ? agents
        : groups;

  const change = async (fields: Fields): Promise<void> => {
    setBusy(true);
    try {
      await boardApi.changeRouting(desk.api, {
        kind: fields.kind,
        target: fields.target,
        value: valueOf(fields),
        why: fields.why.trim(),
        until: untilOf(fields.hours),
      });
      void message.success(say('changed'));
      form.resetFields();
      onChanged();
    } catch (error) {
      void message.error(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      requiredMark={false}
      className="Routing-form"
      initialValues={{ kind: 'overflow', after: 60, minutes: 5, most: 50, capacity: 5, hours: 2, open: '' }}
      onFinish={(fields) => void change(fields)}
    >
      <Form.Item name="kind" label={say('kind')}>
        <Select
          options={KINDS.map((one) => ({ value: one, label: say(`kind_${one}`) }))}
          onChange={() => form.setFieldValue('target', undefined)}
        />
      </Form.Item>
      <Form.Item name="target" label={say('target')} rules={[{ required: true }]}>
        <Select options={targets} showSearch optionFilterProp="label" />
      </Form.Item>
      {kind === 'overflow' && (
        <>
          <Form.Item name="to" label={say('valueOverflow')}>
            <Select allowClear placeholder={say('nobody')} options={groups.filter(({ value }) => value !== target)} />
          </Form.Item>
          <Form.Item name="after" label={say('after')}>
            <InputNumber min={0} max={3600} precision={0} />
          </Form.Item>
        </>
      )}
      {kind === 'hours' && (
        <Form.Item name="open" label={say('valueHours')}>
          <Input.TextArea
            rows={3}
            placeholder="09:00-12:00&#10;13:00-23:00"
          />
        </Form.Item>
      )}
      {kind === 'ahead' && (
        <Form.Item name="minutes" label={say('valueAhead')}>
          <InputNumber min={0} max={120} precision={0} />
        </Form.Item>
      )}
      {kind === 'longest' && (
        <Form.Item name="most" label={say('valueLongest')}>
          <InputNumber min={1} max={10000} precision={0} />
        </Form.Item>
      )}
      {kind === 'capacity' && (
        <Form.Item name="capacity" label={say('valueCapacity')}>
          <InputNumber min={0} max={99} precision={0} />
        </Form.Item>
      )}
      {kind === 'help' && (
        <Form.Item name="groups" label={say('valueHelp')} rules={[{ required: true }]}>
          <Select mode="multiple" options={groups} />
        </Form.Item>
      )}
      <Form.Item
        name="why"
        label={say('why')}
        rules={[{ required: true, whitespace: true, message: say('whyMissing') }]}
      >
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="hours" label={say('until')}>
        <Segmented
          options={HOURS.map((hours) => ({ value: hours, label: hours ? say('hours', hours) : say('endOfDay') }))}
        />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy}>
        {say('change')}
      </Button>
    </Form>
  );
}

function valueOf(fields: Fields): Record<string, unknown> {
  switch (fields.kind) {
    case 'overflow':
      return { to: fields.to ?? null, after: fields.after ?? 0 };
    case 'hours':
      return {
        open: (fields.open ?? '')
          .split(/[\n,，、;；]/)
          .map((each) => each.trim())
          .filter(Boolean),
      };
    case 'ahead':
      return { seconds: (fields.minutes ?? 0) * 60 };
    case 'longest':
      return { most: fields.most ?? 1 };
    case 'capacity':
      return { capacity: fields.capacity ?? 0 };
    case 'help':
      return { groups: fields.groups ?? [] };
  }
}

/** So many hours ahead; 0 is the end of the day. */
function untilOf(hours: number): string {
  const now = serverNow();
  const end = hours ? now + hours * 3_600_000 : Math.max(new Date(now).setHours(23, 59, 59, 0), now + SHORTEST_MS);
  return new Date(end).toISOString();
}
