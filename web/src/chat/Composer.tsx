import { Button } from '@chatui/core';
import { useLayoutEffect, useRef, useState } from 'react';

// ChatUI's own composer is no export of its library, and its send button answers to a mouse only.

interface ComposerProps {
  placeholder: string;
  longest: number;
  onSend: (text: string) => void;
}

const TALLEST = 120;

export function Composer({ placeholder, longest, onSend }: ComposerProps) {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);

  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, TALLEST)}px`;
  }, [text]);

  const send = () => {
    if (!text.trim()) return;
    onSend(text);
    setText('');
    field.current?.focus();
  };

  return (
    <form
      className="Say"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        className="Say-field"
        rows={1}
        value={text}
        maxLength={longest}
        placeholder={placeholder}
        aria-label="输入消息"
        enterKeyHint="send"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          // While pinyin is being composed, Enter belongs to the input method. Safari says so by the key code 229 alone.
          // eslint-disable-next-line @typescript-eslint/no-deprecated
          const composing = event.nativeEvent.isComposing || event.keyCode === 229;
          if (event.key === 'Enter' && !event.shiftKey && !composing) {
            event.preventDefault();
            send();
          }
        }}
      />
      <Button className="Say-send" type="submit" color="primary" disabled={!text.trim()}>
        发送
      </Button>
    </form>
  );
}
