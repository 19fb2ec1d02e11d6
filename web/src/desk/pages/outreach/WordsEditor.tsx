import { Alert, App, Button, type GetRef, Input } from 'antd';
import { useEffect, useId, useRef, useState } from 'react';
import { Refused } from '../../api';
import { wordsOf } from '../../words';
import { useAsking } from './asking';
import { keepWords, keptWords } from './keptWords';
import { clock } from './StepsTable';
import type { Edit, Preview, Words } from './wire';
import { useOutreachWords } from './words';

const LONGEST = 500;
const LOOKED_AT_AFTER_MS = 250;

/** Changes words: what is wrong is said at the field, and what is not saved is there again the next time. */
export function WordsEditor({
  scene,
  words,
  kept,
  edits,
  onCancel,
  onSaved,
  onOvertaken,
}: {
  scene: string;
  words: Words;
  /** Under which name they are kept until they are saved. */
  kept: string;
  edits: readonly Edit[];
  onCancel: () => void;
  onSaved: () => void;
  /** Somebody else has changed them meanwhile. */
  onOvertaken: () => void;
}) {
  const ask = useAsking();
  const say = useOutreachWords();
  const { message } = App.useApp();
  const [begun] = useState(() => keptWords(kept));
  const [before, setBefore] = useState(begun?.before ?? words.text);
  const [text, setText] = useState(begun?.text ?? words.text);
  const [stands, setStands] = useState(words.text);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useRef<GetRef<typeof Input.TextArea>>(null);
  const faults = useId();

  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    let isLatest = true;
    const timer = setTimeout(() => {
      if (!text.trim()) {
        setPreview(null);
        return;
      }
      ask.write<Preview>('/words/preview', { scene, place: words.place, text }).then(
        (shown) => isLatest && setPreview(shown),
        (error: unknown) => isLatest && setRefused(wordsOf(error)),
      );
    }, LOOKED_AT_AFTER_MS);
    return () => {
      isLatest = false;
      clearTimeout(timer);
    };
  }, [ask, scene, words.place, text]);

  const write = (next: string, since = before) => {
    setText(next);
    setRefused(null);
    keepWords(kept, { before: since, text: next });
  };
  /** Goes on from what stands there now. */
  const goOn = (next: string) => {
    setBefore(stands);
    write(next, stands);
  };
  const put = (name: string) => {
    const area = field.current?.resizableTextArea?.textArea;
    const [from, to] = [area?.selectionStart ?? text.length, area?.selectionEnd ?? text.length];
    write(`${text.slice(0, from)}{${name}}${text.slice(to)}`);
    area?.focus();
  };
  const save = async () => {
    setBusy(true);
    try {
      await ask.write('/words', { scene, place: words.place, before, after: text });
      keepWords(kept, null);
      void message.success(say('saved'));
      onSaved();
    } catch (error) {
      setBusy(false);
      if (error instanceof Refused && typeof error.extra.now === 'string') {
        setStands(error.extra.now);
        onOvertaken();
      } else {
        setRefused(wordsOf(error));
      }
    }
  };

  const overtaken = stands !== before;
  const by = edits.find(({ place, after }) => place === words.place && after === stands);
  const empty = text.trim() ? [] : [{ message: say('noWords'), remedy: say('noWordsMore') }];
  const wrong = refused ? [{ message: refused, remedy: '' }] : (preview?.problems ?? []);
  const found = empty.length ? empty : wrong;
  return (
    <div className="WordsEditor">
      {overtaken && (
        <Alert
          type="warning"
          showIcon
          message={by ? say('overtakenBy', by.by, clock(by.at)) : say('overtaken')}
          description={
            <>
              <blockquote>{stands}</blockquote>
              <Button size="small" onClick={() => goOn(stands)}>
                {say('takeTheirs')}
              </Button>{' '}
              <Button size="small" onClick={() => goOn(text)}>
                {say('keepMine')}
              </Button>
            </>
          }
        />
      )}
      <Input.TextArea
        ref={field}
        aria-label={say('words')}
        aria-invalid={found.length > 0}
        aria-describedby={faults}
        status={found.length ? 'error' : ''}
        rows={3}
        maxLength={LONGEST}
        value={text}
        onChange={({ target }) => write(target.value)}
      />
      <ul id={faults} className="WordsEditor-faults" role="alert">
        {found.map((each) => (
          <li key={each.message}>
            <b>{each.message}</b>
            {each.remedy && `：${each.remedy}`}
          </li>
        ))}
      </ul>
      {!!preview?.variables.length && (
        <p className="Variables">
          <small>{say('variables')}</small>
          {preview.variables.map(({ name, title, example }) => (
            <button key={name} type="button" title={`{${name}} ${example}`} onClick={() => put(name)}>
              {title}
            </button>
          ))}
        </p>
      )}
      {preview?.text && !found.length && (
        <div className="WordsEditor-preview">
          <small>{say('preview')}</small>
          <p>{preview.text}</p>
          {preview.sms && <small>{say('smsLength', preview.sms.length, preview.sms.parts)}</small>}
          {preview.hints.map((hint) => (
            <small key={hint}>{hint}</small>
          ))}
        </div>
      )}
      <p className="WordsEditor-deeds">
        <Button
          size="small"
          onClick={() => {
            keepWords(kept, null);
            onCancel();
          }}
        >
          {say('letGo')}
        </Button>
        <Button
          size="small"
          type="primary"
          loading={busy}
          disabled={overtaken || text === before || found.length > 0}
          onClick={() => void save()}
        >
          {say('save')}
        </Button>
      </p>
    </div>
  );
}
