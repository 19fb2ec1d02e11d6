import { App, Button, Input, Segmented } from 'antd';
import { useState } from 'react';
import { useDesk } from '../desk';
import { moment } from '../moments';
import { serverNow } from '../serverClock';
import { Nothing } from '../states';
import type { Note } from '../wire';
import { useLanguage, useWords, wordsOf } from '../words';

export function Notes({ chat, notes }: { chat: string; notes: readonly Note[] }) {
  const desk = useDesk();
  const say = useWords();
  const language = useLanguage();
  const { message } = App.useApp();
  const [text, setText] = useState('');
  const [about, setAbout] = useState<'chat' | 'customer'>('chat');
  const [busy, setBusy] = useState(false);
  const add = () => {
    if (!text.trim()) return;
    setBusy(true);
    desk
      .addNote(chat, text.trim(), about)
      .then(() => setText(''))
      .catch((error: unknown) => void message.error(wordsOf(error)))
      .finally(() => setBusy(false));
  };
  return (
    <div className="Notes">
      <Input.TextArea
        rows={3}
        maxLength={1000}
        aria-label={say('addNote')}
        placeholder={say('addNote')}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) add();
        }}
      />
      <div className="Notes-foot">
        <Segmented<'chat' | 'customer'>
          size="small"
          value={about}
          onChange={setAbout}
          options={[
            { value: 'chat', label: say('aboutChat') },
            { value: 'customer', label: say('aboutCustomer') },
          ]}
        />
        <Button size="small" type="primary" disabled={!text.trim()} loading={busy} onClick={add}>
          {say('save')}
        </Button>
      </div>
      {notes.length === 0 ? (
        <Nothing icon="note" title={say('noNotes')} />
      ) : (
        <ul className="Entries">
          {[...notes].reverse().map((note) => (
            <li key={note.id} className="Note">
              <p>
                <b>{note.by_name}</b>
                <i className="Mark">{say(note.about === 'chat' ? 'aboutChat' : 'aboutCustomer')}</i>
                <time>{moment(note.at, serverNow(), language)}</time>
              </p>
              <p>{note.text}</p>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
