import { App, Button, Drawer, Input } from 'antd';
import { useEffect, useState } from 'react';
import { useDesk, useSnapshot, useTalk } from '../desk';
import { openChat } from '../place';
import { Trouble, Waiting } from '../states';
import { Messages } from '../talk/Messages';
import type { Chat } from '../wire';
import { wordsOf } from '../words';
import { boardApi } from './api';
import { useBoardWords } from './words';
import { WhisperStrip } from './WhisperStrip';

interface ListenDrawerProps {
  chat: string;
  onClose: () => void;
  onDialog: (is: 'take' | 'reassign' | 'end', chat: Chat) => void;
}

/** Reads along in a talk, unseen, and whispers to its agent. */
export function ListenDrawer({ chat, onClose, onDialog }: ListenDrawerProps) {
  const desk = useDesk();
  const say = useBoardWords();
  const { message } = App.useApp();
  const talk = useTalk(chat);
  const row = useSnapshot((snapshot) => snapshot.rows[chat]);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    boardApi
      .listen(desk.api, chat)
      .then(() => desk.loadTalk(chat))
      .catch((error: unknown) => void message.error(wordsOf(error)));
  }, [desk, chat, message]);

  const whisper = async (): Promise<void> => {
    if (!text.trim()) return;
    setBusy(true);
    try {
      await boardApi.whisper(desk.api, chat, text.trim());
      setText('');
      void message.success(say('whispered'));
    } catch (error) {
      void message.error(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  const join = async (): Promise<void> => {
    setBusy(true);
    try {
      await desk.move(chat, 'join');
      void message.success(say('joined'));
      openChat(chat);
    } catch (error) {
      void message.error(wordsOf(error));
      setBusy(false);
    }
  };
  const taken = row?.hand_off_state === 'taken';
  return (
    <Drawer
      open
      width={560}
      className="Listen"
      title={row ? `${row.customer.name} · ${row.agent?.name ?? say('waiting')}` : say('listen')}
      onClose={onClose}
      extra={
        row && (
          <span className="RowDeeds">
            {taken && (
              <Button size="small" type="primary" loading={busy} onClick={() => void join()}>
                {say('join')}
              </Button>
            )}
            <Button size="small" onClick={() => onDialog('take', row)}>
              {say('take')}
            </Button>
            <Button size="small" onClick={() => onDialog('reassign', row)}>
              {say('reassign')}
            </Button>
            <Button size="small" danger onClick={() => onDialog('end', row)}>
              {say('end')}
            </Button>
          </span>
        )
      }
    >
      {talk?.problem ? (
        <Trouble error={talk.problem} onRetry={() => void desk.loadTalk(chat)} />
      ) : talk?.loaded && row ? (
        <div className="Listen-talk">
          <p className="Listen-hint">{say('listening')}</p>
          <Messages chat={row} talk={talk} />
          <WhisperStrip chat={chat} />
          {taken && (
            <form
              className="Listen-whisper"
              onSubmit={(event) => {
                event.preventDefault();
                void whisper();
              }}
            >
              <Input
                aria-label={say('whisper')}
                placeholder={say('whisperPlaceholder')}
                maxLength={500}
                value={text}
                onChange={({ target }) => setText(target.value)}
              />
              <Button htmlType="submit" loading={busy}>
                {say('whisper')}
              </Button>
            </form>
          )}
        </div>
      ) : (
        <Waiting />
      )}
    </Drawer>
  );
}
