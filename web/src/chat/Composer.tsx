import { Button } from '@chatui/core';
import { type Ref, useId, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import { Icon } from '../Icon';
import { useSuggestions } from './useSuggestions';

// ChatUI's own composer is no export of its library, and its send button answers to a mouse only.

interface ComposerProps {
  /** The field, for whoever wants to put the caret there. */
  fieldRef: Ref<HTMLTextAreaElement | null>;
  placeholder: string;
  longest: number;
  onSend: (text: string) => void;
  onFiles: (files: readonly File[]) => void;
  onTyped: (on: boolean) => void;
}

const TALLEST = 120;

export function Composer({ fieldRef, placeholder, longest, onSend, onFiles, onTyped }: ComposerProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [composing, setComposing] = useState(false);
  /** The suggestion that the arrow keys stand on. */
  const [chosen, setChosen] = useState(-1);
  /** For which words the list was closed. */
  const [closedFor, setClosedFor] = useState<string | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const listId = useId();
  const found = useSuggestions(composing || closedFor === text ? '' : text);
  const active = chosen < found.length ? chosen : -1;

  useImperativeHandle(fieldRef, () => field.current);

  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, TALLEST)}px`;
  }, [text]);

  const change = (next: string) => {
    setText(next);
    setChosen(-1);
    onTyped(next.trim() !== '');
  };

  const send = (line: string) => {
    if (!line.trim()) return;
    onSend(line);
    change('');
    field.current?.focus();
  };

  return (
    <form
      className="Say"
      onSubmit={(event) => {
        event.preventDefault();
        send(text);
      }}
    >
      {found.length > 0 && (
        <div className="Say-suggestions" id={listId} role="listbox" aria-label="猜您想问">
          {found.map((line, index) => (
            // Arrow keys and Enter in the field do the same for keyboards.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
            <div
              key={line.text}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === active}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => send(line.text)}
            >
              {line.title}
            </div>
          ))}
        </div>
      )}
      <span className="OnlySpoken" role="status">
        {found.length > 0 && `有${found.length}条建议，按上下键选择`}
      </span>
      <button
        type="button"
        className="SignButton Say-picture"
        aria-label="发图片"
        title="发图片，也可以直接粘贴"
        onClick={() => picker.current?.click()}
      >
        <Icon name="picture" size={24} />
      </button>
      <input
        ref={picker}
        type="file"
        accept="image/jpeg,image/png,image/webp,image/gif"
        multiple
        hidden
        aria-label="选择图片"
        onChange={({ currentTarget }) => {
          onFiles(Array.from(currentTarget.files ?? []));
          currentTarget.value = '';
        }}
      />
      <textarea
        ref={field}
        className="Say-field"
        rows={1}
        value={text}
        maxLength={longest}
        placeholder={placeholder}
        aria-label="输入消息"
        aria-autocomplete="list"
        aria-controls={found.length ? listId : undefined}
        aria-activedescendant={active >= 0 ? `${listId}-${active}` : undefined}
        enterKeyHint="send"
        onChange={(event) => change(event.target.value)}
        onCompositionStart={() => setComposing(true)}
        onCompositionEnd={() => setComposing(false)}
        onPaste={(event) => {
          const files = Array.from(event.clipboardData.files).filter(({ type }) => type.startsWith('image/'));
          if (!files.length) return;
          event.preventDefault();
          onFiles(files);
        }}
        onKeyDown={(event) => {
          // While pinyin is being composed, every key belongs to the input method. Safari says so by the code 229 alone.
          // eslint-disable-next-line @typescript-eslint/no-deprecated
          if (event.nativeEvent.isComposing || event.keyCode === 229) return;
          if (found.length && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
            event.preventDefault();
            const step = event.key === 'ArrowDown' ? 1 : -1;
            // One place more than there are lines: the field itself.
            setChosen(((active + 1 + step + found.length + 1) % (found.length + 1)) - 1);
          } else if (found.length && event.key === 'Escape') {
            event.preventDefault();
            event.nativeEvent.stopImmediatePropagation();
            setClosedFor(text);
          } else if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            send(found[active]?.text ?? text);
          }
        }}
      />
      <Button className="Say-send" type="submit" color="primary" disabled={!text.trim()}>
        发送
      </Button>
    </form>
  );
}
