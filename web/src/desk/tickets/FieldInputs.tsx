import { AutoComplete, Form, Input, Select } from 'antd';
import type { TicketField } from './ticketWire';
import { useTicketWords, useTitle } from './ticketWords';

type Orders = readonly { no: string; title: string }[];

function Control({
  field,
  id,
  value,
  onChange,
  orders,
}: {
  field: TicketField;
  orders: Orders;
  id?: string | undefined;
  value?: string | undefined;
  onChange?: (value: string) => void;
}) {
  const change = (text: string) => onChange?.(text);
  if (field.kind === 'choice') {
    return (
      <Select
        {...(id === undefined ? {} : { id })}
        allowClear
        value={value === '' ? null : (value ?? null)}
        onChange={(chosen: string | null) => change(chosen ?? '')}
        options={field.choices.map((each) => ({ value: each, label: each }))}
      />
    );
  }
  if (field.kind === 'long')
    return (
      <Input.TextArea id={id} rows={2} maxLength={2000} value={value} onChange={({ target }) => change(target.value)} />
    );
  if (field.kind === 'order' && orders.length) {
    return (
      <AutoComplete
        {...(id === undefined ? {} : { id })}
        value={value ?? ''}
        onChange={change}
        popupMatchSelectWidth={300}
        options={orders.map(({ no, title }) => ({ value: no, label: `${no} ${title}` }))}
      />
    );
  }
  return (
    <Input
      id={id}
      value={value}
      type={field.kind === 'date' ? 'date' : 'text'}
      maxLength={128}
      inputMode={field.kind === 'money' ? 'decimal' : field.kind === 'phone' ? 'tel' : 'text'}
      prefix={field.kind === 'money' ? '¥' : undefined}
      onChange={({ target }) => change(target.value)}
    />
  );
}

/** What a type asks for; what is needed now carries the sign of what is needed. */
export function FieldInputs({
  fields,
  needed,
  orders = [],
}: {
  fields: readonly TicketField[];
  needed: readonly string[];
  orders?: Orders;
}) {
  const say = useTicketWords();
  const titled = useTitle();
  return fields.map((field) => (
    <Form.Item
      key={field.id}
      name={['fields', field.id]}
      label={titled(field)}
      className={field.kind === 'long' ? 'Wide' : ''}
      rules={needed.includes(field.id) ? [{ required: true, message: say('required') }] : []}
    >
      <Control field={field} orders={orders} />
    </Form.Item>
  ));
}

/** The fields that a type wants filled in before a ticket is in a state. */
export function neededFor(fields: readonly TicketField[], states: readonly string[], state: string): string[] {
  const place = states.indexOf(state);
  return fields
    .filter(({ required }) => required !== null && states.includes(required) && states.indexOf(required) <= place)
    .map(({ id }) => id);
}
