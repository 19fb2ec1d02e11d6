import { Bubble } from '@chatui/core';
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Icon } from '../Icon';
import { type CardActions, CardView } from './cards/CardView';
import type { ChatMessage, CustomerMessage } from './conversation';
import { AttachmentView } from './AttachmentView';
import { Linked } from './Linked';
import { showTime } from './times';

// ChatUI's own list announces every message as an alert, the whole history at once after a reload; this one is a log
// that screen readers follow politely.

interface MessageListProps {
  messages: readonly ChatMessage[];
  typing: 'bot' | 'agent' | null;
  /** What was said before is here; from now on new messages are announced. */
  settled: boolean;
  face: string;
  /** There is more to be had before the first message. */
  hasEarlier: boolean;
  onEarlier: () => void;
  actions: CardActions;
  onResend: (id: string) => void;
  /** What follows the last message. */
  children: ReactNode;
}

const NEAR_THE_END = 80;
const QUIET_SPELL_MS = 5 * 60_000;
const HISTORY_SETTLES_MS = 600;

const MARKS = { sent: '已发送', delivered: '已送达', read: '已读' } as const;

function scrollToEnd(element: HTMLElement | null) {
  if (element) element.scrollTop = element.scrollHeight;
}

function Delivery({ message, onResend }: { message: CustomerMessage; onResend: (id: string) => void }) {
  if (message.status === 'pending') {
    return <span className="Delivery Delivery--pending" role="img" aria-label="发送中" />;
  }
  if (message.status === 'failed') {
    return (
      <button type="button" className="Delivery Delivery--failed" onClick={() => onResend(message.key)}>
        <Icon name="alert" size={18} />
        <span>{message.problem?.replace(/[。！～]+$/, '')}，点我重发</span>
      </button>
    );
  }
  return null;
}

function Face({ author, face, repeated }: { author: 'bot' | 'agent'; face: string; repeated: boolean }) {
  return author === 'agent' ? (
    <span className="Said-face Said-face--agent" data-repeated={repeated}>
      <Icon name="person" size={20} />
    </span>
  ) : (
    <img className="Said-face" src={face} alt="" data-repeated={repeated} />
  );
}

const SPEAKERS = { bot: '客服：', agent: '人工客服：' } as const;

export function MessageList({
  messages,
  typing,
  settled,
  face,
  hasEarlier,
  onEarlier,
  actions,
  onResend,
  children,
}: MessageListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  /** The newest message when the reader scrolled away from the end; null while they are there. */
  const [leftAt, setLeftAt] = useState<string | null>(null);
  const [announces, setAnnounces] = useState(false);
  const firstKey = messages[0]?.key;
  const height = useRef(0);
  const last = messages[messages.length - 1];
  const lastKey = last?.key;
  const lastIsOurs = last?.from === 'customer';
  const lastOfOurs = messages.reduce<string | null>(
    (before, message) => (message.from === 'customer' ? message.key : before),
    null,
  );

  useEffect(() => {
    if (!settled || announces) return;
    const timer = setTimeout(() => setAnnounces(true), HISTORY_SETTLES_MS);
    return () => clearTimeout(timer);
  }, [settled, announces]);

  useLayoutEffect(() => {
    if (lastIsOurs) atEnd.current = true;
    if (atEnd.current) scrollToEnd(scroller.current);
  }, [lastKey, lastIsOurs, typing]);

  // What is put before the first message pushes nothing out of sight.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && !atEnd.current) element.scrollTop += element.scrollHeight - height.current;
  }, [firstKey]);

  useLayoutEffect(() => {
    height.current = scroller.current?.scrollHeight ?? 0;
  });

  // Pictures that arrive late, an opened keyboard and new capsules all push the end out of sight.
  useEffect(() => {
    const element = scroller.current;
    const content = element?.firstElementChild;
    if (!element || !content) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) scrollToEnd(element);
    });
    observer.observe(element);
    observer.observe(content);
    return () => observer.disconnect();
  }, []);

  return (
    <div className="Talk">
      <div
        className="Talk-scroller"
        ref={scroller}
        onScroll={({ currentTarget: element }) => {
          atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_THE_END;
          setLeftAt((before) => (atEnd.current ? null : (before ?? lastKey ?? null)));
        }}
      >
        <div>
          {hasEarlier && (
            <button type="button" className="Talk-earlier" onClick={onEarlier}>
              查看更早的消息
            </button>
          )}
          <div className="Talk-log" role="log" aria-label="聊天记录" aria-live={announces ? 'polite' : 'off'}>
            {messages.map((message, index) => {
              const before = messages[index - 1];
              const afterQuiet = !before || message.at - before.at > QUIET_SPELL_MS;
              return (
                <div
                  key={message.key}
                  className={`Said Said--${message.from}`}
                  data-status={message.from === 'customer' ? message.status : undefined}
                >
                  {afterQuiet && (
                    <time className="Said-time" dateTime={new Date(message.at).toISOString()}>
                      {showTime(message.at)}
                    </time>
                  )}
                  {message.from === 'notice' ? (
                    <p className="Said-notice">{message.text}</p>
                  ) : (
                    <div className="Said-row">
                      {message.from === 'shop' && (
                        <Face
                          author={message.author}
                          face={face}
                          repeated={before?.from === 'shop' && before.author === message.author && !afterQuiet}
                        />
                      )}
                      <div className="Said-content">
                        <span className="OnlySpoken">
                          {message.from === 'shop' ? SPEAKERS[message.author] : '我：'}
                        </span>
                        {message.from === 'shop' &&
                          message.speaker &&
                          !(before?.from === 'shop' && before.speaker === message.speaker && !afterQuiet) && (
                            <small className="Said-speaker">{message.speaker}</small>
                          )}
                        {message.text && (
                          <Bubble>
                            <Linked text={message.text} onFollow={actions.openLink} />
                          </Bubble>
                        )}
                        {message.attachment && <AttachmentView attachment={message.attachment} />}
                        {message.from === 'shop' && message.image && (
                          <AttachmentView
                            attachment={{ ...message.image, kind: 'picture', name: message.image.alt, size: null }}
                          />
                        )}
                        {message.from === 'shop' && message.card && <CardView card={message.card} actions={actions} />}
                        {message.from === 'customer' &&
                          message.key === lastOfOurs &&
                          message.status !== 'pending' &&
                          message.status !== 'failed' && <small className="Said-mark">{MARKS[message.status]}</small>}
                      </div>
                      {message.from === 'customer' && <Delivery message={message} onResend={onResend} />}
                    </div>
                  )}
                </div>
              );
            })}
          </div>
          <div role="status">
            {typing && (
              <div className="Said Said--shop Said--typing">
                <div className="Said-row">
                  <Face author={typing} face={face} repeated={last?.from === 'shop' && last.author === typing} />
                  <div className="Bubble typing">
                    <span className="OnlySpoken">{typing === 'agent' ? '人工客服正在输入' : '客服正在输入'}</span>
                    <span className="Typing" aria-hidden="true">
                      <span className="Typing-dot" data-i="0" />
                      <span className="Typing-dot" data-i="1" />
                      <span className="Typing-dot" data-i="2" />
                    </span>
                  </div>
                </div>
              </div>
            )}
          </div>
          <div role="group" aria-label="您可能想问">
            {children}
          </div>
        </div>
      </div>
      {leftAt !== null && leftAt !== lastKey && (
        <button type="button" className="Talk-unseen" onClick={() => scrollToEnd(scroller.current)}>
          有新消息
          <Icon name="down" size={16} />
        </button>
      )}
    </div>
  );
}
