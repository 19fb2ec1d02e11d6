import { Alert, App, Button, Descriptions, Drawer, Empty, type GetRef, Input, Tag } from 'antd';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Refused } from '../../api';
import { wordsOf } from '../../words';
import { useAsking } from './asking';
import { useLoaded } from './loading';
import { clock } from './StepsTable';
import { timing } from './TodayView';
import type { Edit, Preview, Scene, Words } from './wire';
import { span, useOutreachWords } from './words';

const LONGEST = 500;
const LOOKED_AT_AFTER_MS = 250;

/** A scene with its words, which can be changed and changed back. */
export function SceneDrawer({
  scene,
  mayEdit,
  onClose,
  onChanged,
}: {
  scene: Scene;
  mayEdit: boolean;
  onClose: () => void;
  onChanged: () => void;
}) {
  const ask = useAsking();
  const say = useOutreachWords();
  const { message } = App.useApp();
  const [edited, setEdited] = useState<string | null>(null);
  const readHistory = useCallback(
    async () => (await ask.read<{ edits: Edit[] }>('/words/history', { scene: scene.id })).edits,
    [ask, scene.id],
  );
  const edits = useLoaded(readHistory);
  const changed = () => {
    setEdited(null);
    onChanged();
    edits.again();
  };
  const undo = async (id: number) => {
    try {
      await ask.write('/words/undo', { edit: id });
      void message.success(say('undone'));
      changed();
    } catch (refused) {
      void message.error(wordsOf(refused));
    }
  };
  return (
    <Drawer open width={620} title={scene.title} onClose={onClose}>
      <Descriptions
        size="small"
        column={1}
        bordered
        items={[
          { key: 'when', label: say('when'), children: timing(say, scene) },
          {
            key: 'ladder',
            label: say('ladder'),
            children: scene.ladder
              .map(({ way, wait, at_least }) =>
                [
                  say(way),
                  wait ? say('after', span(say, wait)) : '',
                  at_least ? say('fromAmount', Number(at_least)) : '',
                ]
                  .filter(Boolean)
                  .join(' '),
              )
              .join(' → '),
          },
          { key: 'audience', label: say('audience'), children: scene.audiences.join(' / ') },
          {
            key: 'control',
            label: say('control'),
            children: scene.control ? say('controlShare', Math.round(scene.control * 1000) / 10) : say('noControl'),
          },
        ]}
      />
      <h2 className="Outreach-h">{say('words')}</h2>
      <p className="Detail">{say('wordsHint')}</p>
      <ul className="Wordings">
        {scene.words.map((words) =>
          edited === words.place ? (
            <li key={words.place}>
              <WordsEditor scene={scene.id} words={words} onCancel={() => setEdited(null)} onSaved={changed} />
            </li>
          ) : (
            <li key={words.place}>
              <p>
                <Tag>{say(words.way)}</Tag>
                {words.audience && words.audience !== 'all' && <Tag>{say('forAudience', words.audience)}</Tag>}
                {mayEdit && (
                  <Button type="link" size="small" onClick={() => setEdited(words.place)}>
                    {say('edit')}
                  </Button>
                )}
              </p>
              <blockquote>{words.text}</blockquote>
            </li>
          ),
        )}
      </ul>
      <h2 className="Outreach-h">{say('history')}</h2>
      {edits.value?.length ? (
        <ul className="Wordings">
          {edits.value.map((edit) => (
            <li key={edit.id}>
              <p>
                <b>{edit.by}</b> <small>{clock(edit.at)}</small>
                {mayEdit && scene.words.some(({ place, text }) => place === edit.place && text === edit.after) && (
                  <Button type="link" size="small" onClick={() => void undo(edit.id)}>
                    {say('undo')}
                  </Button>
                )}
              </p>
              <blockquote>
                <del>{edit.before}</del>
                <ins>{edit.after}</ins>
              </blockquote>
            </li>
          ))}
        </ul>
      ) : (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={say('noHistory')} />
      )}
    </Drawer>
  );
}

function WordsEditor({
  scene,
  words,
  onCancel,
  onSaved,
}: {
  scene: string;
  words: Words;
  onCancel: () => void;
  onSaved: () => void;
}) {
  const ask = useAsking();
  const say = useOutreachWords();
  const { message } = App.useApp();
  const [text, setText] = useState(words.text);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useRef<GetRef<typeof Input.TextArea>>(null);

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

  const save = async () => {
    setBusy(true);
    try {
      await ask.write('/words', { scene, place: words.place, before: words.text, after: text });
      void message.success(say('saved'));
      onSaved();
    } catch (error) {
      setRefused(wordsOf(error));
      setBusy(false);
      if (error instanceof Refused && error.code === 'changed_meanwhile') void message.warning(wordsOf(error));
    }
  };
  const wrong = preview?.problems[0];
  return (
    <div className="WordsEditor">
      <Input.TextArea
        ref={field}
        aria-label={say('words')}
        rows={3}
        maxLength={LONGEST}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          setRefused(null);
        }}
      />
      {!!preview?.variables.length && (
        <p className="Variables">
          <small>{say('variables')}</small>
          {preview.variables.map(({ name, title, example }) => (
            <button key={name} type="button" title={example} onClick={() => setText((known) => `${known}{${name}}`)}>
              {title}
            </button>
          ))}
        </p>
      )}
      {(refused ?? wrong) && (
        <Alert type="error" showIcon message={refused ?? wrong?.message} description={refused ? null : wrong?.remedy} />
      )}
      {preview?.text && !refused && (
        <div className="WordsEditor-preview">
          <small>{say('preview')}</small>
          <p>{preview.text}</p>
        </div>
      )}
      <p className="WordsEditor-deeds">
        <Button size="small" onClick={onCancel}>
          {say('cancel')}
        </Button>
        <Button
          size="small"
          type="primary"
          loading={busy}
          disabled={!text.trim() || text === words.text || wrong !== undefined}
          onClick={() => void save()}
        >
          {say('save')}
        </Button>
      </p>
    </div>
  );
}
