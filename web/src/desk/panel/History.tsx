import { useEffect, useState } from 'react';
import { useDesk, useSnapshot } from '../desk';
import { DeskIcon } from '../DeskIcon';
import { moment } from '../moments';
import { openChat } from '../place';
import { serverNow } from '../serverClock';
import { Nothing } from '../states';
import type { Change, Chat } from '../wire';
import { useLanguage, useWords } from '../words';
import type { Talk } from '../workbench';
import { Section } from './Overview';
import type { Beside } from './Panel';

export function History({ chat, talk, beside }: { chat: Chat; talk: Talk; beside: Beside }) {
  const desk = useDesk();
  const say = useWords();
  const language = useLanguage();
  const channels = useSnapshot((snapshot) => snapshot.me.channels);
  const [changes, setChanges] = useState<readonly Change[]>([]);
  const state = `${chat.state} ${chat.agent?.id ?? ''}`;
  useEffect(() => {
    let current = true;
    desk.api.changes(chat.id).then(
      (read) => {
        if (current) setChanges(read);
      },
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [desk, chat.id, state]);

  const when = (at: string) => moment(at, serverNow(), language);
  const sessions = beside.known?.history ?? talk.packet?.sessions ?? [];
  const earlier = talk.packet?.earlier ?? [];
  if (!sessions.length && !earlier.length && !changes.length) return <Nothing icon="clock" title={say('noHistory')} />;
  return (
    <div className="History">
      {earlier.length > 0 && (
        <Section title={say('earlier')}>
          <ul className="Entries">
            {earlier.map((each, place) => (
              <li key={place}>
                <p>
                  <b>{each.reason_title ?? each.reason}</b>
                  <time>{when(each.at)}</time>
                </p>
                <p>
                  {each.agent && `${each.agent}：`}
                  {each.summary}
                </p>
                {each.tags.length > 0 && (
                  <p className="Chips">
                    {each.tags.map((tag) => (
                      <span key={tag}>{tag}</span>
                    ))}
                  </p>
                )}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {sessions.length > 0 && (
        <Section title={say('sessions')}>
          <ul className="Entries">
            {sessions.map((session) => (
              <li key={session.chat}>
                <button type="button" disabled={session.chat === chat.id} onClick={() => openChat(session.chat)}>
                  <span>
                    <b>{channels[session.channel] ?? session.channel}</b>
                    {session.with_person && (
                      <i className="Mark">
                        <DeskIcon name="person" size={11} /> {say('withPerson')}
                      </i>
                    )}
                    <time>{when(session.ended)}</time>
                  </span>
                  <span>{session.summary || session.last_text}</span>
                </button>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {changes.length > 0 && (
        <Section title={say('moves')}>
          <ol className="Steps">
            {changes.map((change, place) => (
              <li key={place}>
                <time>{when(change.at)}</time>
                <span>
                  {change.why_title ?? change.why}
                  {change.by_name && ` · ${change.by_name}`}
                  {change.note && <q>{change.note}</q>}
                </span>
              </li>
            ))}
          </ol>
        </Section>
      )}
    </div>
  );
}
