import { Bubble } from '@chatui/core';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Icon } from '../Icon';
import { type CardActions, CardView } from './cards/CardView';
import type { ChatMessage, CustomerMessage } from './conversation';
import { showTime } from './times';

// ChatUI's own list announces every message as an alert, the whole history at once after a reload; this one is a log
// that screen readers follow politely.

interface MessageListProps {
  messages: readonly ChatMessage[];
  typing: boolean;
  actions: CardActions;
  onResend: (id: string) => void;
}

const NEAR_THE_END = 80;
const QUIET_SPELL_MS = 5 * 60_000;

function scrollToEnd(element: HTMLElement | null) {
  if (element) element.scrollTop = element.scrollHeight;
}

function Delivery({ message, onResend }: { message: CustomerMessage; onResend: (id: string) => void }) {
  if (message.status === 'pending') {
    return <span className="Delivery Delivery--pending" role="img" aria-label="发送中" />;
  }
  if (message.status === 'failed') {
    return (
      <button type="button" className="Delivery Delivery--failed" onClick={() => onResend(message.id)}>
        <Icon name="alert" size={18} />
        <span>没发出去，点我重发</span>
      </button>
    );
  }
  return null;
}

export function MessageList({ messages, typing, actions, onResend }: MessageListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  /** The newest message when the reader scrolled away from the end; null while they are there. */
  const [leftAt, setLeftAt] = useState<string | null>(null);
  const shown = messages.filter((message) => message.from !== 'customer' || !message.hidden);
  const last = shown[shown.length - 1];
  const lastId = last?.id;
  const lastIsOurs = last?.from === 'customer';

  useLayoutEffect(() => {
    if (lastIsOurs) atEnd.current = true;
    if (atEnd.current) scrollToEnd(scroller.current);
  }, [lastId, lastIsOurs, typing]);

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
          setLeftAt((before) => (atEnd.current ? null : (before ?? lastId ?? null)));
        }}
      >
        <div className="Talk-log" role="log" aria-label="聊天记录" aria-live="polite">
          {shown.map((message, index) => {
            const before = shown[index - 1];
            const afterQuiet = !before || message.at - before.at > QUIET_SPELL_MS;
            return (
              <div
                key={message.id}
                className={`Said Said--${message.from}`}
                data-status={'status' in message ? message.status : undefined}
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
                      <img
                        className="Said-face"
                        src="/icon.svg"
                        alt=""
                        data-repeated={before?.from === 'shop' && !afterQuiet}
                      />
                    )}
                    <div className="Said-content">
                      <span className="OnlySpoken">{message.from === 'shop' ? '客服：' : '我：'}</span>
                      {message.text && <Bubble content={message.text} />}
                      {message.from === 'shop' && message.card && <CardView card={message.card} actions={actions} />}
                    </div>
                    {message.from === 'customer' && <Delivery message={message} onResend={onResend} />}
                  </div>
                )}
              </div>
            );
          })}
        </div>
        {typing && (
          <div className="Said Said--shop" role="status">
            <div className="Said-row">
              <img className="Said-face" src="/icon.svg" alt="" data-repeated={last?.from === 'shop'} />
              <div className="Bubble typing">
                <span className="OnlySpoken">客服正在输入</span>
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
      {leftAt !== null && leftAt !== lastId && (
        <button type="button" className="Talk-unseen" onClick={() => scrollToEnd(scroller.current)}>
          有新消息
          <Icon name="down" size={16} />
        </button>
      )}
    </div>
  );
}
