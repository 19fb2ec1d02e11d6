import { App, Button, Input, Radio, Tag } from 'antd';
import { useCallback, useState } from 'react';
import { openChat } from '../../place';
import { Nothing, Trouble, Waiting } from '../../states';
import { wordsOf } from '../../words';
import { useAsking } from './asking';
import { useLoaded } from './loading';
import type { Call, CallList } from './wire';
import { useOutreachWords, yuan } from './words';

/** Customers to ring, for agents with time to spare. */
export function CallsView() {
  const ask = useAsking();
  const say = useOutreachWords();
  const read = useCallback(async () => ask.read<CallList>('/calls'), [ask]);
  const { value, error, again } = useLoaded(read);
  if (error) return <Trouble error={error} onRetry={again} />;
  if (!value) return <Waiting />;
  if (!value.calls.length)
    return (
      <Nothing icon="phone" title={say('noCalls')}>
        {say('noCallsMore')}
      </Nothing>
    );
  return (
    <ul className="Calls">
      {value.calls.map((call) => (
        <CallCard key={call.id} call={call} outcomes={value.outcomes} onChanged={again} />
      ))}
    </ul>
  );
}

function CallCard({
  call,
  outcomes,
  onChanged,
}: {
  call: Call;
  outcomes: CallList['outcomes'];
  onChanged: () => void;
}) {
  const ask = useAsking();
  const say = useOutreachWords();
  const { message } = App.useApp();
  const [outcome, setOutcome] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);

  const act = async (what: 'take' | 'give-back' | 'outcome', body: Record<string, unknown> = {}) => {
    setBusy(true);
    try {
      await ask.write(`/calls/${call.id}/${what}`, body);
      if (what === 'outcome') void message.success(say('finished'));
    } catch (refused) {
      void message.error(wordsOf(refused));
    } finally {
      setBusy(false);
      onChanged();
    }
  };
  const { chat } = call;
  return (
    <li className="CallCard" data-mine={call.mine}>
      <header>
        <b>{call.customer.name}</b>
        {call.customer.vip && <Tag color="gold">VIP</Tag>}
        <Tag>{call.scene_title}</Tag>
        <span className="CallCard-amount">{yuan(call.amount)}</span>
        {call.dial ? (
          <a className="CallCard-number" href={`tel:${call.dial}`}>
            {call.dial}
          </a>
        ) : (
          <span className="CallCard-number">{call.number}</span>
        )}
      </header>
      <p className="Detail">{[call.product, call.order_no].filter(Boolean).join(' · ')}</p>
      <blockquote>
        <small>{say('callScript')}</small>
        {call.text}
      </blockquote>
      {call.mine && (
        <div className="CallCard-outcome">
          <Radio.Group
            optionType="button"
            size="small"
            aria-label={say('outcome')}
            value={outcome}
            onChange={({ target }) => setOutcome(target.value as string)}
            options={outcomes.map(({ value, title }) => ({ value, label: title }))}
          />
          <Input
            size="small"
            maxLength={500}
            aria-label={say('note')}
            placeholder={say('note')}
            value={note}
            onChange={({ target }) => setNote(target.value)}
          />
        </div>
      )}
      <footer>
        {chat && (
          <Button type="link" size="small" onClick={() => openChat(chat)}>
            {say('openChat')}
          </Button>
        )}
        {call.mine ? (
          <>
            <Button size="small" disabled={busy} onClick={() => void act('give-back')}>
              {say('giveBack')}
            </Button>
            <Button
              size="small"
              type="primary"
              loading={busy}
              onClick={() => {
                if (outcome) void act('outcome', { outcome, note });
                else void message.warning(say('chooseOutcome'));
              }}
            >
              {say('finish')}
            </Button>
          </>
        ) : (
          <Button size="small" type="primary" loading={busy} onClick={() => void act('take')}>
            {say('take')}
          </Button>
        )}
      </footer>
    </li>
  );
}
