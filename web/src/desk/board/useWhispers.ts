import { useEffect, useState } from 'react';
import { useDesk } from '../desk';
import type { Whisper } from '../wire';
import { boardApi } from './api';

/** What supervisors whispered in a conversation, as it is said. */
export function useWhispers(chat: string): readonly Whisper[] {
  const desk = useDesk();
  const [found, setFound] = useState<{ chat: string; whispers: readonly Whisper[] }>({ chat, whispers: [] });

  useEffect(() => {
    let gone = false;
    const add = (more: readonly Whisper[]) =>
      setFound((before) => {
        const known = new Map((before.chat === chat ? before.whispers : []).map((one) => [one.id, one]));
        for (const one of more) known.set(one.id, one);
        return { chat, whispers: [...known.values()].sort((one, other) => one.id - other.id) };
      });
    const read = () =>
      void boardApi.whispers(desk.api, chat).then(
        (whispers) => {
          if (!gone) add(whispers);
        },
        // Who may not read them sees none.
        () => undefined,
      );
    read();
    const deaf = desk.hear((name, data) => {
      if (name === 'whisper' && data.chat === chat) add([data.whisper as Whisper]);
      else if (name === 'hello') read();
    });
    return () => {
      gone = true;
      deaf();
    };
  }, [desk, chat]);

  return found.chat === chat ? found.whispers : [];
}
