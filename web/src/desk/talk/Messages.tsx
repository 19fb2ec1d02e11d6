import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Button, Spin } from 'antd';
import { useDesk, useSnapshot } from '../desk';
import { DeskIcon } from '../DeskIcon';
import { Face } from '../Face';
import { moment } from '../moments';
import { serverNow } from '../serverClock';
import type { Outgoing } from '../shelf';
import type { Chat, DeskMessage } from '../wire';
import { useLanguage, useWords } from '../words';
import type { Talk } from '../workbench';
import { Bubble } from './Bubble';

const NEAR_THE_END = 90;
const QUIET_SPELL_MS = 5 * 60_000;

export function Messages({ chat, talk }: { chat: Chat; talk: Talk }) {
  const desk = useDesk();
  const say = useWords();
  const language = useLanguage();
  const outgoing = useSnapshot((snapshot) => snapshot.outgoing);
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const height = useRef(0);
  const [leftAt, setLeftAt] = useState<number | null>(null);
  const { messages } = talk;
  const mine = outgoing.filter((one) => one.chat === chat.id);
  const first = messages[0]?.id;
  const last = messages[messages.length - 1]?.id ?? 0;
  const lastOut = mine[mine.length - 1]?.clientId;
  const typist = talk.typists.find(({ who }) => who === 'customer');

  useLayoutEffect(() => {
    if (lastOut) atEnd.current = true;
    const element = scroller.current;
    if (element && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [last, lastOut, typist]);

  // What is put before the first message pushes nothing out of sight.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && !atEnd.current) element.scrollTop += element.scrollHeight - height.current;
  }, [first]);
  useLayoutEffect(() => {
    height.current = scroller.current?.scrollHeight ?? 0;
  });

  useEffect(() => {
    const element = scroller.current;
    const content = element?.firstElementChild;
    if (!element || !content) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    observer.observe(content);
    return () => observer.disconnect();
  }, []);

  const below = leftAt === null ? 0 : messages.filter(({ id, author }) => id > leftAt && author === 'customer').length;
  const drawn: ReactNode[] = [];
  messages.forEach((message, place) => {
    const before = messages[place - 1];
    const at = Date.parse(message.at);
    if (before?.chat !== message.chat) {
      if (before)
        drawn.push(
          <Rule key={`s${message.id}`}>{message.chat === chat.id ? say('beginning') : say('otherSession')}</Rule>,
        );
    } else if (before.stretch !== message.stretch) {
      drawn.push(
        <Rule key={`r${message.id}`} person={message.stretch === 'person'}>
          {message.stretch === 'person' ? say('stretchPerson') : say('stretchBot')}
        </Rule>,
      );
    }
    if (!before || at - Date.parse(before.at) > QUIET_SPELL_MS || before.chat !== message.chat) {
      drawn.push(
        <p className="Talk-time" key={`t${message.id}`}>
          {moment(at, serverNow(), language)}
        </p>,
      );
    }
    drawn.push(<Bubble key={message.id} message={message} talk={talk} repeated={isRepeated(before, message)} />);
  });

  return (
    <div className="Talk">
      <div
        className="Talk-scroller"
        ref={scroller}
        onScroll={({ currentTarget: element }) => {
          atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_THE_END;
          setLeftAt((before) => (atEnd.current ? null : (before ?? last)));
          if (element.scrollTop < 120 && talk.more && !talk.loadingMore) void desk.loadEarlier(chat.id);
        }}
      >
        <div className="Talk-content" role="log" aria-label={chat.customer.name}>
          {talk.loadingMore ? (
            <p className="Talk-time" role="status">
              <Spin size="small" />
            </p>
          ) : talk.more ? (
            <Button type="link" size="small" className="Talk-earlier" onClick={() => void desk.loadEarlier(chat.id)}>
              {say('loadMore')}
            </Button>
          ) : (
            !talk.wide &&
            (talk.packet?.sessions.length ?? 0) > 1 && (
              <Button
                type="link"
                size="small"
                className="Talk-earlier"
                onClick={() => void desk.loadEarlier(chat.id, true)}
              >
                {say('wholeHistory')}
              </Button>
            )
          )}
          {drawn}
          {mine.map((one) => (
            <Pending key={one.clientId} one={one} />
          ))}
          {typist && (
            <div className="Bubble" data-author="customer">
              <Face name={chat.customer.name} id={chat.customer.id ?? chat.id} size={28} />
              <p className="Bubble-typing" role="status" aria-label={say('types', say('customer'))}>
                <i />
                <i />
                <i />
              </p>
            </div>
          )}
        </div>
      </div>
      {leftAt !== null && (
        <button
          type="button"
          className="Talk-down"
          data-new={below > 0}
          onClick={() => {
            const element = scroller.current;
            if (element) element.scrollTop = element.scrollHeight;
          }}
        >
          <DeskIcon name="down" size={16} />
          {below > 0 ? `${below} ${say('newBelow')}` : say('toEnd')}
        </button>
      )}
    </div>
  );
}

function isRepeated(before: DeskMessage | undefined, message: DeskMessage): boolean {
  return (
    before?.author === message.author &&
    before.agent === message.agent &&
    !before.notice &&
    Date.parse(message.at) - Date.parse(before.at) < QUIET_SPELL_MS
  );
}

function Rule({ children, person = false }: { children: ReactNode; person?: boolean }) {
  return (
    <p className="Talk-rule" data-person={person}>
      <span>{children}</span>
    </p>
  );
}

/** What is still on its way, or did not get there. */
function Pending({ one }: { one: Outgoing }) {
  const desk = useDesk();
  const say = useWords();
  const me = useSnapshot((snapshot) => snapshot.me.agent);
  return (
    <div className="Bubble" data-author="agent" data-own="true" data-pending={one.state}>
      <Face name={me?.name ?? say('you')} id={me?.id ?? 'me'} size={28} />
      <div className="Bubble-main">
        {one.text && <p className="Bubble-text">{one.text}</p>}
        {one.preview && <img className="Bubble-picture" src={one.preview} alt={say('picture')} />}
        {one.card && (
          <p className="Bubble-text">
            [{say('card')}] {one.card.no}
          </p>
        )}
        <p className="Bubble-foot" role="status">
          {one.state === 'sending' && (
            <>
              <Spin size="small" /> {say('sending')}
            </>
          )}
          {one.state !== 'sending' && (
            <>
              <DeskIcon name="alert" size={14} />
              <span className="Bubble-problem">
                {one.state === 'held' ? say('heldBack') : (one.problem ?? say('failed'))}
              </span>
              <Button type="link" size="small" onClick={() => desk.resend(one.clientId)}>
                {one.state === 'held' ? say('sendAnyway') : say('resend')}
              </Button>
              <Button type="link" size="small" onClick={() => desk.unsay(one.clientId)}>
                {say('putBack')}
              </Button>
            </>
          )}
        </p>
      </div>
    </div>
  );
}
