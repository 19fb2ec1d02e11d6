import { useEffect, useRef, useState } from 'react';
import { useDesk } from '../desk';
import type { QuickReply } from '../wire';
import { useWords } from '../words';

const ASKED_AFTER_MS = 80;

/** What can be said with two keys; opened by `/` in the field, which keeps the keyboard. */
export function QuickReplies({
  chat,
  asked,
  onUse,
}: {
  chat: string;
  asked: string;
  onUse: (reply: QuickReply) => void;
}) {
  const desk = useDesk();
  const say = useWords();
  const [found, setFound] = useState<{ asked: string; replies: QuickReply[] } | null>(null);
  const [chosen, setChosen] = useState({ asked, at: 0 });
  const list = useRef<HTMLUListElement>(null);

  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      desk.api.quickReplies(asked, chat, 12).then(
        (replies) => {
          if (current) setFound({ asked, replies });
        },
        () => undefined,
      );
    }, ASKED_AFTER_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [desk, chat, asked]);

  const replies = found?.replies ?? [];
  const at = chosen.asked === asked ? Math.min(chosen.at, Math.max(0, replies.length - 1)) : 0;

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing || !replies.length) return;
      if (event.key === 'ArrowDown') setChosen({ asked, at: (at + 1) % replies.length });
      else if (event.key === 'ArrowUp') setChosen({ asked, at: (at - 1 + replies.length) % replies.length });
      else if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) {
        const reply = replies[at];
        if (reply) onUse(reply);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    };
    // Ahead of the field itself.
    window.addEventListener('keydown', onKey, true);
    return () => window.removeEventListener('keydown', onKey, true);
  });

  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  return (
    <section className="QuickReplies" aria-label={say('replies')}>
      {found && !replies.length ? (
        <p>{asked ? say('searchNothing') : `${say('noReplies')}。${say('noRepliesMore')}`}</p>
      ) : (
        <ul ref={list}>
          {replies.map((reply, place) => (
            <li key={reply.id}>
              <button type="button" data-chosen={place === at} onClick={() => onUse(reply)}>
                <b>{reply.title}</b>
                <span>{reply.filled ?? reply.text}</span>
                {reply.missing.length > 0 && <em>{say('replyMissing', reply.missing.join('、'))}</em>}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
