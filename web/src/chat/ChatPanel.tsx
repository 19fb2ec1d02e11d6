import { ConfigProvider, QuickReplies } from '@chatui/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { Icon } from '../Icon';
import type { CardActions } from './cards/CardView';
import { Composer } from './Composer';
import { type Conversation, LONGEST_MESSAGE, type Snapshot } from './conversation';
import { MessageList } from './MessageList';

interface ChatPanelProps {
  conversation: Conversation;
  snapshot: Snapshot;
  /** Covers the whole screen, as on a phone, and so takes the keyboard with it. */
  covering: boolean;
  /** What the customer is looking at, offered above the capsules. */
  looking: ReactNode;
  actions: CardActions;
  onClose: () => void;
}

const LINE_WORDS = { starting: '正在连接…', online: '在线，马上回复您', lost: '暂时离线' } as const;

export function ChatPanel({ conversation, snapshot, covering, looking, actions, onClose }: ChatPanelProps) {
  const panel = useRef<HTMLElement>(null);

  useEffect(() => {
    if (!covering) return;
    const before = document.activeElement;
    const element = panel.current;
    element?.focus();
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') onClose();
    };
    element?.addEventListener('keydown', onKey);
    return () => {
      element?.removeEventListener('keydown', onKey);
      if (before instanceof HTMLElement) before.focus();
    };
  }, [covering, onClose]);

  return (
    <ConfigProvider locale="zh-CN">
      <section
        className="ChatApp ChatPanel"
        ref={panel}
        tabIndex={-1}
        role={covering ? 'dialog' : 'region'}
        aria-modal={covering || undefined}
        aria-label="在线客服"
        data-line={snapshot.line}
      >
        <header className="ChatPanel-head">
          {covering && (
            <button type="button" className="SignButton" aria-label="返回店铺" onClick={onClose}>
              <Icon name="back" />
            </button>
          )}
          <img className="ChatPanel-face" src="/icon.svg" alt="" />
          <div className="ChatPanel-title">
            <h2>六拾优选客服</h2>
            <p className="ChatPanel-line">{LINE_WORDS[snapshot.line]}</p>
          </div>
          <button
            type="button"
            className="SignButton SignButton--worded"
            title="清空记录，重新开始"
            onClick={() => conversation.startAnew()}
          >
            <Icon name="fresh" size={18} />
            新对话
          </button>
          {!covering && (
            <button type="button" className="SignButton" aria-label="收起客服" onClick={onClose}>
              <Icon name="close" />
            </button>
          )}
        </header>
        <div role="status" className="ChatPanel-lost">
          {snapshot.line === 'lost' && <p>连接断开，正在重连…</p>}
        </div>
        <MessageList
          messages={snapshot.messages}
          typing={snapshot.typing}
          actions={actions}
          onResend={(id) => conversation.resend(id)}
        />
        <footer className="ChatPanel-foot">
          {looking}
          <QuickReplies
            items={snapshot.capsules.map((capsule) => ({ name: capsule.title, code: capsule.payload }))}
            onClick={({ name, code }) => conversation.say(name, code)}
          />
          <Composer placeholder="想问什么都可以…" longest={LONGEST_MESSAGE} onSend={(text) => conversation.say(text)} />
        </footer>
      </section>
    </ConfigProvider>
  );
}
