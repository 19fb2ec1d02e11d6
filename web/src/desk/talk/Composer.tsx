import { Alert, App, Button, Input, Popover, Tooltip } from 'antd';
import type { TextAreaRef } from 'antd/es/input/TextArea';
import { type ClipboardEvent, type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react';
import { useRemembered } from '../../browser';
import { useDesk, useSnapshot } from '../desk';
import { DeskIcon } from '../DeskIcon';
import type { QuickReply } from '../wire';
import { useWords } from '../words';
import type { Talk } from '../workbench';
import { EMOJI } from './emoji';
import { onInserted } from './inserting';
import { QuickReplies } from './QuickReplies';
import { shrunk } from './shrunk';

interface Origin {
  text: string;
  suggestion: string | number | null;
  quickReply: number | null;
}

export function Composer({ chat, talk, onSearch }: { chat: string; talk: Talk; onSearch: () => void }) {
  const desk = useDesk();
  const say = useWords();
  const { message } = App.useApp();
  const field = useRef<TextAreaRef>(null);
  const picker = useRef<HTMLInputElement>(null);
  const limits = useSnapshot((snapshot) => snapshot.me.limits);
  const [key, keepKey] = useRemembered('sixty.desk.sendKey', 'local');
  const [emoji, setEmoji] = useState(false);
  const [origin, setOrigin] = useState<Origin | null>(null);
  const [dragged, setDragged] = useState(false);
  const [slash, setSlash] = useState(true);
  const { draft } = talk;
  const sendsWithCtrl = key === 'ctrl';
  const over = draft.length - limits.longest_text;
  const asked = slash && /^\/\S*$/.test(draft) ? draft.slice(1) : null;

  const area = () => field.current?.resizableTextArea?.textArea ?? null;
  const write = useCallback(
    (text: string) => {
      desk.write(chat, text);
      if (text) desk.typed(chat, true);
    },
    [desk, chat],
  );

  const put = useCallback(
    (text: string, replaces: boolean) => {
      const element = field.current?.resizableTextArea?.textArea;
      if (!element) return;
      element.focus();
      if (replaces) element.select();
      // The browser's own way keeps what stood there within reach of Ctrl+Z; execCommand has no successor for that.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      if (!document.execCommand('insertText', false, text)) {
        const [start, end] = replaces ? [0, element.value.length] : [element.selectionStart, element.selectionEnd];
        write(element.value.slice(0, start) + text + element.value.slice(end));
      }
    },
    [write],
  );

  useEffect(
    () =>
      onInserted(({ text, suggestion, quickReply, replaces }) => {
        put(text, replaces ?? false);
        if (suggestion !== undefined || quickReply !== undefined) {
          setOrigin({ text, suggestion: suggestion ?? null, quickReply: quickReply ?? null });
        }
      }),
    [put],
  );

  useEffect(() => {
    area()?.focus({ preventScroll: true });
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.altKey && event.code === 'KeyI') {
        event.preventDefault();
        area()?.focus();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const send = () => {
    const text = draft.trim();
    if (!text || over > 0) return;
    const from = origin && draft.includes(origin.text.slice(0, 12)) ? origin : null;
    desk.say(chat, { text, suggestion: from?.suggestion ?? null, quickReply: from?.quickReply ?? null });
    if (from?.suggestion !== null && from?.suggestion !== undefined) {
      const how = from.text.trim() === text ? 'sent' : 'edited';
      void desk.api.suggestionUsed(chat, from.suggestion, how).catch(() => undefined);
      desk.dropSuggestions(chat);
    }
    setOrigin(null);
    desk.write(chat, '');
  };

  const sendFiles = (files: Iterable<File>) => {
    for (const file of files) {
      void shrunk(file).then((ready) => {
        if (ready.size > limits.picture_bytes) {
          void message.error(say('tooBig', Math.floor(limits.picture_bytes / 1_000_000)));
        } else desk.say(chat, {}, ready);
      });
    }
  };

  // Pictures may be dropped anywhere on the page, as on the customer's.
  useEffect(() => {
    const over = (event: DragEvent) => {
      event.preventDefault();
      setDragged(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setDragged(false);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setDragged(false);
      sendFiles(Array.from(event.dataTransfer?.files ?? []));
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  });

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      if (asked !== null) setSlash(false);
      else event.currentTarget.blur();
      return;
    }
    if (event.key !== 'Enter' || event.altKey || event.shiftKey) return;
    if (asked !== null && event.defaultPrevented) return;
    const withCtrl = event.ctrlKey || event.metaKey;
    if (withCtrl || !sendsWithCtrl) {
      event.preventDefault();
      send();
    }
  };

  const useReply = (reply: QuickReply) => {
    put(reply.filled ?? reply.text, true);
    setOrigin({ text: reply.filled ?? reply.text, suggestion: null, quickReply: reply.id });
  };

  return (
    <footer className="Composer" data-dragged={dragged}>
      {talk.otherDraft && (
        <Alert
          type="warning"
          banner
          message={
            <>
              {say('otherDraft')}
              <q>{talk.otherDraft.text}</q>
            </>
          }
          action={
            <>
              <Button size="small" onClick={() => desk.chooseDraft(chat, true)}>
                {say('useTheirs')}
              </Button>{' '}
              <Button size="small" onClick={() => desk.chooseDraft(chat, false)}>
                {say('useMine')}
              </Button>
            </>
          }
        />
      )}
      {asked !== null && <QuickReplies chat={chat} asked={asked} onUse={useReply} />}
      <div className="Composer-tools">
        <Popover
          trigger="click"
          open={emoji}
          onOpenChange={setEmoji}
          placement="topLeft"
          content={
            <div className="EmojiBoard">
              {EMOJI.map((each) => (
                <button
                  key={each}
                  type="button"
                  onClick={() => {
                    setEmoji(false);
                    put(each, false);
                  }}
                >
                  {each}
                </button>
              ))}
            </div>
          }
        >
          <button type="button" aria-label={say('emoji')} title={say('emoji')}>
            <DeskIcon name="smile" />
          </button>
        </Popover>
        <button type="button" aria-label={say('upload')} title={say('upload')} onClick={() => picker.current?.click()}>
          <DeskIcon name="picture" />
        </button>
        <input
          ref={picker}
          type="file"
          accept="image/*"
          multiple
          hidden
          aria-label={say('upload')}
          onChange={({ target }) => {
            sendFiles(Array.from(target.files ?? []));
            target.value = '';
          }}
        />
        <Tooltip title="/">
          <button
            type="button"
            aria-label={say('replies')}
            onClick={() => {
              setSlash(true);
              if (!draft) put('/', true);
            }}
          >
            <DeskIcon name="bolt" />
          </button>
        </Tooltip>
        <Tooltip title="Ctrl+K">
          <button type="button" aria-label={say('search')} onClick={onSearch}>
            <DeskIcon name="search" />
          </button>
        </Tooltip>
        <span className="Composer-gap" />
        {over > 0 && (
          <span className="Composer-over" role="alert">
            {say('tooLong', over)}
          </span>
        )}
      </div>
      <Input.TextArea
        ref={field}
        variant="borderless"
        rows={2}
        aria-label={say('content')}
        placeholder={say(sendsWithCtrl ? 'composerHintCtrl' : 'composerHint')}
        value={draft}
        onChange={({ target }) => {
          setSlash(true);
          write(target.value);
        }}
        onKeyDown={onKeyDown}
        onPaste={(event: ClipboardEvent) => {
          const files = Array.from(event.clipboardData.files);
          if (!files.length) return;
          event.preventDefault();
          sendFiles(files);
        }}
      />
      <div className="Composer-send">
        <button type="button" className="Composer-key" onClick={() => keepKey(sendsWithCtrl ? 'enter' : 'ctrl')}>
          {say('sendWith')}：{sendsWithCtrl ? 'Ctrl+Enter' : 'Enter'}
        </button>
        <Button type="primary" disabled={!draft.trim() || over > 0} onClick={send}>
          {say('send')}
        </Button>
      </div>
    </footer>
  );
}
