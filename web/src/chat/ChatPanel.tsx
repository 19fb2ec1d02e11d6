import { QuickReplies } from '@chatui/core';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useOnline } from '../browser';
import { Icon } from '../Icon';
import { Picture } from '../Picture';
import type { ChatSettings, Placement } from '../widget/protocol';
import type { CardActions } from './cards/CardView';
import { Composer } from './Composer';
import { type Conversation, LONGEST_MESSAGE, type Snapshot } from './conversation';
import { MessageList } from './MessageList';
import type { ConversationState } from './wire';

interface ChatPanelProps {
  conversation: Conversation;
  snapshot: Snapshot;
  settings: ChatSettings;
  placement: Placement;
  /** There is a page around to go back to. */
  framed: boolean;
  onClose: () => void;
  onFollow: (url: string) => void;
}

const TITLE = '在线客服';
const PLACEHOLDER = '想问什么都可以…';
const STATE_WORDS: Readonly<Record<ConversationState, string>> = {
  bot: '在线，马上回复您',
  queued: '正在为您接人工，请稍等',
  assigned: '人工客服为您服务',
  wrap_up: '人工客服为您服务',
  closed: '在线，马上回复您',
};

function lineWords(snapshot: Snapshot, online: boolean): string {
  if (snapshot.line === 'starting') return '正在连接…';
  if (snapshot.line === 'lost') return online ? '暂时离线' : '没有网络';
  return STATE_WORDS[snapshot.state];
}

/** With its number, so that near namesakes are told apart. */
function lookingAt(name: string, no: string): string {
  return `我在看${name} ${no}`;
}

/** What the customer is looking at, offered to be sent. */
function Looking({ settings, onSend }: { settings: ChatSettings; onSend: (line: string) => void }) {
  const [sent, setSent] = useState<string | null>(null);
  const { product, productName, productPicture } = settings;
  if (!product || !productName || sent === product) return null;
  return (
    <p className="Looking">
      {productPicture && <Picture src={productPicture} alt="" />}
      <span>正在看：{productName}</span>
      <button
        type="button"
        onClick={() => {
          setSent(product);
          onSend(lookingAt(productName, product));
        }}
      >
        发给客服
      </button>
    </p>
  );
}

export function ChatPanel({ conversation, snapshot, settings, placement, framed, onClose, onFollow }: ChatPanelProps) {
  const panel = useRef<HTMLElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const online = useOnline();
  const { visible, covering, asked } = placement;
  const wasVisible = useRef(false);

  useEffect(() => {
    const opened = visible && !wasVisible.current;
    wasVisible.current = visible;
    // On a phone the field would bring up the keyboard over everything there is to read.
    if (opened && asked) (covering ? panel : field).current?.focus();
  }, [visible, covering, asked]);

  useEffect(() => {
    if (!framed) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) onClose();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [framed, onClose]);

  const actions: CardActions = useMemo(
    () => ({
      choose: (choice) => conversation.choose(choice),
      openProduct: (product) =>
        product.url ? onFollow(product.url) : conversation.say(lookingAt(product.name, product.no)),
      openLink: onFollow,
    }),
    [conversation, onFollow],
  );
  const capsules = useMemo(
    () => snapshot.capsules.map((capsule, index) => ({ name: capsule.title, code: String(index) })),
    [snapshot.capsules],
  );
  const send = useCallback(
    (files: readonly File[]) => files.forEach((file) => conversation.send(file)),
    [conversation],
  );

  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      send(Array.from(event.dataTransfer?.files ?? []));
    };
    document.addEventListener('dragover', over);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('drop', drop);
    };
  }, [send]);

  return (
    <section
      className="ChatApp ChatPanel"
      ref={panel}
      tabIndex={-1}
      aria-label={settings.title ?? TITLE}
      data-line={snapshot.line}
      data-state={snapshot.state}
    >
      <header className="ChatPanel-head">
        {framed && covering && (
          <button type="button" className="SignButton" aria-label="返回店铺" onClick={onClose}>
            <Icon name="back" />
          </button>
        )}
        <img className="ChatPanel-face" src={settings.face ?? '/icon.svg'} alt="" />
        <div className="ChatPanel-title">
          <h1>{settings.title ?? TITLE}</h1>
          <p className="ChatPanel-line" role="status">
            {lineWords(snapshot, online)}
          </p>
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
        {framed && !covering && (
          <button type="button" className="SignButton" aria-label="收起客服" onClick={onClose}>
            <Icon name="close" />
          </button>
        )}
      </header>
      <div role="status" className="ChatPanel-lost">
        {!online && <p>网络断开了，恢复后会自动发送</p>}
        {online && snapshot.line === 'lost' && <p>连接断开，正在重连…</p>}
      </div>
      <MessageList
        messages={snapshot.messages}
        typing={snapshot.typing}
        settled={snapshot.line === 'online'}
        face={settings.face ?? '/icon.svg'}
        hasEarlier={snapshot.hasEarlier}
        onEarlier={() => conversation.loadEarlier()}
        actions={actions}
        onResend={(id) => conversation.resend(id)}
      >
        <QuickReplies
          items={capsules}
          onClick={({ code }) => {
            const chosen = snapshot.capsules[Number(code)];
            if (chosen) conversation.choose(chosen);
            field.current?.focus({ preventScroll: true });
          }}
        />
      </MessageList>
      <footer className="ChatPanel-foot">
        <Looking settings={settings} onSend={(line) => conversation.say(line)} />
        <Composer
          fieldRef={field}
          placeholder={settings.placeholder ?? PLACEHOLDER}
          longest={LONGEST_MESSAGE}
          onSend={(text) => conversation.say(text)}
          onFiles={send}
          onTyped={(on) => conversation.typed(on)}
        />
      </footer>
    </section>
  );
}
