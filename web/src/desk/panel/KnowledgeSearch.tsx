import { Button, Input, type InputRef, Modal, Segmented, Spin } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useDesk, useSnapshot } from '../desk';
import { Nothing, Trouble } from '../states';
import { insertWords } from '../talk/inserting';
import type { Hit } from '../wire';
import { useWords, type Word } from '../words';

const KINDS: readonly (readonly [string, Word])[] = [
  ['', 'all'],
  ['product', 'kindProduct'],
  ['answer', 'kindAnswer'],
  ['policy', 'kindPolicy'],
  ['quick_reply', 'kindReply'],
];
const ASKED_AFTER_MS = 120;

/** The part that was found, marked; `<em>` is all that the server marks with, and the only thing taken for a mark. */
function Snippet({ text }: { text: string }) {
  return (
    <span className="Hit-snippet">
      {text
        .split(/(<em>.*?<\/em>)/)
        .map((part, place) =>
          part.startsWith('<em>') ? <mark key={place}>{plain(part)}</mark> : <span key={place}>{plain(part)}</span>,
        )}
    </span>
  );
}

function plain(text: string): string {
  return text
    .replace(/<\/?em>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&');
}

export default function KnowledgeSearch({ chat, onClose }: { chat: string | null; onClose: () => void }) {
  const desk = useDesk();
  const say = useWords();
  const maySend = useSnapshot((snapshot) => (chat ? (snapshot.talks[chat]?.may.send ?? false) : false));
  const [words, setWords] = useState('');
  const [kind, setKind] = useState('');
  const [at, setAt] = useState(0);
  const [again, setAgain] = useState(0);
  const [answer, setAnswer] = useState<{ asked: string; hits: Hit[]; error: unknown } | null>(null);
  const field = useRef<InputRef>(null);
  const list = useRef<HTMLUListElement>(null);
  const asked = words.trim();
  const wish = `${kind} ${asked} ${again}`;

  useEffect(() => {
    if (!asked) return;
    let current = true;
    const timer = setTimeout(() => {
      desk.api.search(asked, kind, chat).then(
        ({ hits }) => {
          if (!current) return;
          setAnswer({ asked: wish, hits, error: null });
          setAt(0);
        },
        (error: unknown) => {
          if (current) setAnswer({ asked: wish, hits: [], error });
        },
      );
    }, ASKED_AFTER_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [desk, asked, kind, chat, wish]);

  // Before the dialog has come in: whoever types at once types in here.
  useEffect(() => field.current?.focus(), []);

  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  const hits = answer && asked ? answer.hits : [];
  const use = (hit: Hit) => {
    onClose();
    // The field is there again when the dialog has given the keyboard back.
    if (maySend) setTimeout(() => insertWords(hit.text), 50);
  };

  return (
    <Modal
      open
      footer={null}
      closable={false}
      width={640}
      onCancel={onClose}
      className="Knowledge"
      title={null}
      afterOpenChange={() => field.current?.focus()}
    >
      <Input
        ref={field}
        size="large"
        variant="borderless"
        aria-label={say('search')}
        placeholder={say('searchPlaceholder')}
        value={words}
        onChange={({ target }) => setWords(target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'ArrowDown') setAt(Math.min(at + 1, hits.length - 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
          else if (event.key === 'Enter') {
            const hit = hits[at];
            if (hit) use(hit);
          } else return;
          event.preventDefault();
        }}
      />
      <Segmented
        size="small"
        value={kind}
        onChange={setKind}
        options={KINDS.map(([value, word]) => ({ value, label: say(word) }))}
      />
      <div className="Knowledge-hits">
        {!asked ? (
          <p className="Knowledge-hint">{say('searchStart')}</p>
        ) : answer?.asked !== wish && !hits.length ? (
          <p className="Knowledge-hint">
            <Spin size="small" />
          </p>
        ) : answer?.error ? (
          <Trouble error={answer.error} onRetry={() => setAgain(again + 1)} />
        ) : hits.length === 0 ? (
          <Nothing icon="search" title={say('searchNothing')} />
        ) : (
          <ul ref={list}>
            {hits.map((hit, place) => (
              <li key={`${hit.kind} ${hit.id}`} data-chosen={place === at}>
                <button type="button" onClick={() => use(hit)} onMouseMove={() => setAt(place)}>
                  <span className="Hit-top">
                    <i className="Mark">{say((KINDS.find(([name]) => name === hit.kind) ?? ['', 'all'])[1])}</i>
                    <b>{plain(hit.title)}</b>
                  </span>
                  <Snippet text={hit.snippet} />
                </button>
                {maySend && chat && hit.product_no && (
                  <Button
                    size="small"
                    onClick={() => {
                      desk.say(chat, { card: { kind: 'product', no: hit.product_no ?? '' } });
                      onClose();
                    }}
                  >
                    {say('sendProduct')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
      <p className="Knowledge-foot">{say('searchHint')}</p>
    </Modal>
  );
}
