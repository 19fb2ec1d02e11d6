import { memo } from 'react';
import { useSnapshot } from '../desk';
import { DeskIcon, type IconName } from '../DeskIcon';
import { Face } from '../Face';
import { about, moment } from '../moments';
import { openChat } from '../place';
import { clock, useServerNow } from '../serverClock';
import type { Box, Chat } from '../wire';
import { useLanguage, useWords, type Word } from '../words';

const KINDS: Readonly<Record<string, Word>> = {
  picture: 'picture',
  voice: 'voice',
  video: 'video',
  file: 'file',
  location: 'location',
  card: 'card',
};
const LONG_MS = 120_000;

export function channelIcon(channel: string): IconName {
  if (/wechat|wecom|weixin|miniprogram/.test(channel)) return 'wechat';
  if (/app|phone|h5/.test(channel)) return 'phone';
  return 'web';
}

/** Since when the customer waits; red once the promise is broken. */
function Clock({ chat, box }: { chat: Chat; box: Box }) {
  const say = useWords();
  const language = useLanguage();
  const now = useServerNow();
  if (box === 'done') {
    return <time>{chat.ended_at ? moment(chat.ended_at, now, language) : ''}</time>;
  }
  if (!chat.waiting_since) {
    return <time>{chat.last ? moment(chat.last.at, now, language) : ''}</time>;
  }
  const since = Date.parse(chat.waiting_since);
  const due = chat.first_reply_due ? Date.parse(chat.first_reply_due) : since + LONG_MS;
  const urgency = now > due ? 'late' : now > due - (due - since) / 3 ? 'soon' : 'fine';
  if (box === 'left') return <time data-urgency={urgency}>{moment(chat.queued_at, now, language)}</time>;
  const waited = clock((now - since) / 1000);
  return (
    <time data-urgency={urgency} aria-label={say('waiting', waited)}>
      <DeskIcon name="clock" size={12} />
      {waited}
    </time>
  );
}

function LastLine({ chat, mine }: { chat: Chat; mine: string | null }) {
  const say = useWords();
  const kept = useSnapshot((snapshot) => snapshot.talks[chat.id]?.draft ?? '');
  const typist = useSnapshot((snapshot) => snapshot.talks[chat.id]?.typists.some(({ who }) => who === 'customer'));
  if (typist) return <span className="ChatRow-typing">{say('types', say('customer'))}</span>;
  if (kept || chat.draft) {
    return (
      <span>
        <em>[{say('draft')}]</em> {kept}
      </span>
    );
  }
  const { last } = chat;
  if (!last) return <span>{chat.question}</span>;
  const kind = KINDS[last.kind];
  const who =
    last.author === 'bot'
      ? `${say('bot')}：`
      : last.author === 'agent'
        ? `${chat.agent?.id === mine ? say('you') : (chat.agent?.name ?? '')}：`
        : '';
  return (
    <span>
      {who}
      {last.text || (kind ? `[${say(kind)}]` : '')}
    </span>
  );
}

export const ChatRow = memo(function ChatRow({
  chat,
  box,
  open,
  mine,
}: {
  chat: Chat;
  box: Box;
  open: boolean;
  mine: string | null;
}) {
  const say = useWords();
  const language = useLanguage();
  const { customer } = chat;
  const others = chat.agent && chat.agent.id !== mine && (box === 'all' || box === 'done') ? chat.agent.name : null;
  return (
    <li>
      <button
        type="button"
        className="ChatRow"
        aria-current={open}
        data-chat={chat.id}
        data-unread={chat.unread > 0}
        onClick={() => openChat(chat.id)}
      >
        <span className="ChatRow-face">
          <Face name={customer.name} id={customer.id ?? chat.id} />
          <i title={chat.channel_title}>
            <DeskIcon name={channelIcon(chat.channel)} size={11} />
          </i>
        </span>
        <span className="ChatRow-main">
          <span className="ChatRow-top">
            <b>{customer.name}</b>
            {customer.vip && <i className="Mark Mark--vip">{say('vip')}</i>}
            {chat.mood === 'angry' && <i className="Mark Mark--angry">{say('angry')}</i>}
            {chat.state === 'wrap_up' && <i className="Mark">{say('wrapUp')}</i>}
            <Clock chat={chat} box={box} />
          </span>
          <span className="ChatRow-last">
            <LastLine chat={chat} mine={mine} />
            {chat.unread > 0 && <b className="Unread">{chat.unread > 99 ? '99+' : chat.unread}</b>}
          </span>
          <span className="ChatRow-foot">
            <span>{chat.reason_title}</span>
            {chat.group && <span>{chat.group.title}</span>}
            {others && <span>{others}</span>}
            {box === 'queue' && chat.position !== null && (
              <span className="ChatRow-place">
                {say('position', chat.position)}
                {chat.expected_wait === null ? '' : ` · ${about(chat.expected_wait, language)}`}
              </span>
            )}
            {chat.wants && <span>→ {chat.wants.name}</span>}
            {chat.note_count > 0 && (
              <span className="ChatRow-notes">
                <DeskIcon name="note" size={11} />
                {chat.note_count}
              </span>
            )}
          </span>
        </span>
      </button>
    </li>
  );
});
