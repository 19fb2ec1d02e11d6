import { useState } from 'react';
import { useRemembered } from '../../browser';
import { Boxes } from '../boxes/Boxes';
import { useSnapshot } from '../desk';
import { Panel } from '../panel/Panel';
import { Nothing } from '../states';
import { TalkView } from '../talk/TalkView';
import { useWords } from '../words';

/** The workbench: lists, the conversation, and what is known beside it. */
export function ChatsPage({ chat, onSearch }: { chat: string | null; onSearch: () => void }) {
  const say = useWords();
  const [panel, keepPanel] = useRemembered('sixty.desk.panel', 'local');
  const [wide] = useState(() => window.innerWidth >= 1180);
  const hasRow = useSnapshot((snapshot) => chat !== null && chat in snapshot.rows);
  const shows = panel === null ? wide : panel === 'shown';
  return (
    <div className="Chats" data-panel={shows && chat !== null}>
      <Boxes open={chat} />
      {chat ? (
        <>
          <TalkView
            key={chat}
            chat={chat}
            panel={shows}
            onPanel={() => keepPanel(shows ? 'hidden' : 'shown')}
            onSearch={onSearch}
          />
          {shows && hasRow && <Panel key={`panel ${chat}`} chat={chat} />}
        </>
      ) : (
        <main className="Chats-empty" id="talk" tabIndex={-1}>
          <Nothing icon="chats" title={say('chooseChat')}>
            {say('chooseChatMore')}
          </Nothing>
        </main>
      )}
    </div>
  );
}
