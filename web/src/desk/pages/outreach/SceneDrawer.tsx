import { App, Button, Descriptions, Drawer, Empty, Tag } from 'antd';
import { useCallback, useState } from 'react';
import { useSnapshot } from '../../desk';
import { wordsOf } from '../../words';
import { useAsking } from './asking';
import { keptWords, keyOf } from './keptWords';
import { useLoaded } from './loading';
import { clock } from './StepsTable';
import { timing } from './TodayView';
import type { Edit, Scene, Words } from './wire';
import { type SayOutreach, span, useOutreachWords } from './words';
import { WordsEditor } from './WordsEditor';

/** Which words of a scene these are. */
function Where({ words, say }: { words: Words; say: SayOutreach }) {
  return (
    <>
      <Tag>{say(words.way)}</Tag>
      {words.audience && words.audience !== 'all' && <Tag>{say('forAudience', words.audience)}</Tag>}
    </>
  );
}

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
  const account = useSnapshot(({ me }) => String(me.account.id));
  const [edited, setEdited] = useState<string | null>(null);
  const readHistory = useCallback(
    async () => (await ask.read<{ edits: Edit[] }>('/words/history', { scene: scene.id })).edits,
    [ask, scene.id],
  );
  const edits = useLoaded(readHistory);
  const overtaken = () => {
    onChanged();
    edits.again();
  };
  const changed = () => {
    setEdited(null);
    overtaken();
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
        className="Outreach-facts"
        size="small"
        column={1}
        bordered
        items={[
          { key: 'when', label: say('when'), children: timing(say, scene, true) },
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
              <p>
                <Where words={words} say={say} />
              </p>
              <WordsEditor
                scene={scene.id}
                words={words}
                kept={keyOf(account, scene.id, words.place)}
                edits={edits.value ?? []}
                onCancel={() => setEdited(null)}
                onSaved={changed}
                onOvertaken={overtaken}
              />
            </li>
          ) : (
            <li key={words.place}>
              <p>
                <Where words={words} say={say} />
                {mayEdit && keptWords(keyOf(account, scene.id, words.place)) && (
                  <Tag color="orange">{say('notSaved')}</Tag>
                )}
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
                <b>{edit.by}</b> <small>{clock(edit.at)}</small>{' '}
                {scene.words
                  .filter(({ place }) => place === edit.place)
                  .map((words) => (
                    <Where key={words.place} words={words} say={say} />
                  ))}
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
