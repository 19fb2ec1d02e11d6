import { Button, Dropdown, Tooltip } from 'antd';
import { channelIcon } from '../boxes/ChatRow';
import { DeskIcon } from '../DeskIcon';
import { Face } from '../Face';
import { clock, useServerNow } from '../serverClock';
import type { Chat } from '../wire';
import { useWords, type Word } from '../words';
import type { Talk } from '../workbench';

export type TalkDeed =
  'claim' | 'transfer' | 'close' | 'to_bot' | 'back_to_queue' | 'wrap_up' | 'take_over' | 'rate' | 'ticket';

const ENTRIES: Readonly<Record<string, Word>> = { shop: 'entryShop', product: 'entryProduct', order: 'entryOrder' };

function Waits({ since, due }: { since: string; due: string | null }) {
  const say = useWords();
  const now = useServerNow();
  const late = due !== null && now > Date.parse(due);
  return (
    <span className="TalkHead-waits" data-late={late}>
      <DeskIcon name="clock" size={13} />
      {say('waiting', clock((now - Date.parse(since)) / 1000))}
      {late && ` · ${say('overdue')}`}
    </span>
  );
}

interface TalkHeadProps {
  chat: Chat;
  talk: Talk;
  panel: boolean;
  busy: boolean;
  onPanel: () => void;
  onDeed: (deed: TalkDeed) => void;
}

export function TalkHead({ chat, talk, panel, busy, onPanel, onDeed }: TalkHeadProps) {
  const say = useWords();
  const { may, lookers, typists } = talk;
  const entry = ENTRIES[chat.entry];
  const from = chat.source?.product_name ?? chat.source?.order_no ?? null;
  const typing = [
    ...lookers.filter(({ doing }) => doing === 'typing').map(({ name }) => name),
    ...typists.filter(({ who }) => who !== 'customer').map(({ name }) => name),
  ];
  const more: { key: TalkDeed; label: string; icon: Parameters<typeof DeskIcon>[0]['name'] }[] = [
    ...(may.to_bot ? [{ key: 'to_bot' as const, label: say('toBot'), icon: 'bot' as const }] : []),
    ...(may.transfer ? [{ key: 'back_to_queue' as const, label: say('backToQueue'), icon: 'queue' as const }] : []),
    ...(may.close || may.wrap_up ? [{ key: 'rate' as const, label: say('rate'), icon: 'star' as const }] : []),
  ];
  return (
    <header className="TalkHead">
      <Face name={chat.customer.name} id={chat.customer.id ?? chat.id} />
      <div className="TalkHead-who">
        <h1>
          {chat.customer.name}
          {chat.customer.vip && <i className="Mark Mark--vip">{say('vip')}</i>}
          {chat.customer.level && <i className="Mark">{chat.customer.level}</i>}
          {chat.mood && <i className={`Mark Mark--${chat.mood}`}>{say(chat.mood)}</i>}
          {chat.waiting_since && chat.hand_off_state !== 'closed' && (
            <Waits since={chat.waiting_since} due={chat.first_reply_due} />
          )}
        </h1>
        <p>
          <span>
            <DeskIcon name={channelIcon(chat.channel)} size={13} />
            {chat.channel_title}
          </span>
          <span>
            {entry && say(entry)}
            {from && `「${from}」`}
          </span>
          {chat.agent && <span>{chat.agent.name}</span>}
          {chat.group && <span>{chat.group.title}</span>}
        </p>
      </div>
      {lookers.length > 0 && (
        <Tooltip
          title={
            typing.length
              ? say('typesToo', typing.join('、'))
              : say('looks', lookers.map(({ name }) => name).join('、'))
          }
        >
          <span className="TalkHead-lookers" data-typing={typing.length > 0} role="status">
            {lookers.slice(0, 3).map((looker) => (
              <Face key={looker.agent} name={looker.name} id={looker.agent} size={22} />
            ))}
            <small>
              {typing.length
                ? say('typesToo', typing.join('、'))
                : say('looks', lookers.map(({ name }) => name).join('、'))}
            </small>
          </span>
        </Tooltip>
      )}
      <div className="TalkHead-deeds">
        {may.claim && (
          <Button type="primary" loading={busy} onClick={() => onDeed('claim')} title="Alt+Enter">
            {say('claim')}
          </Button>
        )}
        {may.take_over && !may.claim && !may.send && (
          <Button onClick={() => onDeed('take_over')}>{say('takeOver')}</Button>
        )}
        {may.transfer && (
          <Button onClick={() => onDeed('transfer')} title="Alt+T" icon={<DeskIcon name="swap" size={15} />}>
            {say('transfer')}
          </Button>
        )}
        {may.close && (
          <Button onClick={() => onDeed('close')} title="Alt+E" icon={<DeskIcon name="tick" size={15} />}>
            {say('closeChat')}
          </Button>
        )}
        {(may.send ?? may.wrap_up) && (
          <Button onClick={() => onDeed('ticket')} title="Alt+G" icon={<DeskIcon name="ticket" size={15} />}>
            {say('newTicket')}
          </Button>
        )}
        {may.wrap_up && !may.close && (
          <Button type="primary" onClick={() => onDeed('wrap_up')} title="Alt+E">
            {say('finishWrapUp')}
          </Button>
        )}
        {more.length > 0 && (
          <Dropdown
            trigger={['click']}
            placement="bottomRight"
            menu={{
              onClick: ({ key }) => onDeed(key as TalkDeed),
              items: more.map(({ key, label, icon }) => ({ key, label, icon: <DeskIcon name={icon} size={15} /> })),
            }}
          >
            <Button aria-label={say('more')} icon={<DeskIcon name="more" size={16} />} />
          </Dropdown>
        )}
        <Button
          type="text"
          aria-pressed={panel}
          aria-label={say('profile')}
          title={say('profile')}
          icon={<DeskIcon name="person" size={16} />}
          onClick={onPanel}
        />
      </div>
    </header>
  );
}
