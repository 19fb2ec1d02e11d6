import { App, Button, Input, Skeleton } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { codeOf } from '../api';
import { useDesk, usePermission, useSnapshot } from '../desk';
import { DeskIcon, type IconName } from '../DeskIcon';
import { openChat } from '../place';
import { usePresence } from '../Rail';
import { Nothing, Trouble } from '../states';
import type { Box } from '../wire';
import { useWords, type Word, wordsOf } from '../words';
import { ChatRow } from './ChatRow';
import { BOXES, inOrder, isIn } from './order';

const TITLES: Readonly<Record<Box, Word>> = {
  queue: 'boxQueue',
  left: 'boxLeft',
  mine: 'boxMine',
  all: 'boxAll',
  done: 'boxDone',
};
const EMPTY: Readonly<Record<Box, readonly [IconName, Word, Word]>> = {
  queue: ['queue', 'emptyQueue', 'emptyQueueMore'],
  left: ['letter', 'emptyLeft', 'emptyLeftMore'],
  mine: ['chats', 'emptyMine', 'emptyMineMore'],
  all: ['team', 'emptyAll', 'emptyAllMore'],
  done: ['tick', 'emptyDone', 'emptyDoneMore'],
};
const ASKED_AFTER_MS = 250;

/** Who is found by words, as the server finds them; null while nothing is looked for. */
function useFound(box: Box, words: string): readonly string[] | null {
  const desk = useDesk();
  const [found, setFound] = useState<{ asked: string; ids: string[] } | null>(null);
  const asked = `${box} ${words}`;
  useEffect(() => {
    if (!words) return;
    let current = true;
    const timer = setTimeout(() => {
      desk.api.chats(box, { q: words }).then(
        ({ chats }) => {
          if (!current) return;
          desk.know(chats);
          setFound({ asked, ids: chats.map(({ id }) => id) });
        },
        () => undefined,
      );
    }, ASKED_AFTER_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [desk, box, words, asked]);
  if (!words) return null;
  return found?.asked === asked ? found.ids : [];
}

export function Boxes({ open }: { open: string | null }) {
  const desk = useDesk();
  const say = useWords();
  const { message } = App.useApp();
  const seesAll = usePermission('chat.all');
  const takes = usePermission('chat.take');
  const agent = useSnapshot((snapshot) => snapshot.me.agent);
  const rows = useSnapshot((snapshot) => snapshot.rows);
  const boxes = useSnapshot((snapshot) => snapshot.boxes);
  const counts = useSnapshot((snapshot) => snapshot.counts);
  const [box, setBox] = useState<Box>(takes && agent ? 'mine' : seesAll ? 'all' : 'queue');
  const [words, setWords] = useState('');
  const [taking, setTaking] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  const setPresence = usePresence();
  const asked = words.trim();
  const found = useFound(box, asked);
  const agentId = agent?.id ?? null;

  const shown = useMemo(() => {
    const known = Object.values(rows).filter((chat) => isIn(chat, box, agentId));
    const ordered = inOrder(known, box);
    return found ? ordered.filter(({ id }) => found.includes(id)) : ordered;
  }, [rows, box, agentId, found]);
  const tabs = BOXES.filter((each) => each !== 'all' || seesAll).filter((each) => each !== 'mine' || agent);
  const { loaded, next, problem } = boxes[box];

  useEffect(() => void desk.load(box), [desk, box]);
  useEffect(() => void desk.load('queue'), [desk]);

  const takeNext = () => {
    setTaking(true);
    desk
      .next()
      .then((chat) => {
        if (!chat) return void message.info(say('nobodyWaits'));
        setBox('mine');
        openChat(chat.id);
      })
      .catch((error: unknown) => {
        if (codeOf(error) === 'not_online') void message.warning(`${say('notOnline')}。${say('notOnlineMore')}`);
        else void message.error(wordsOf(error));
      })
      .finally(() => setTaking(false));
  };

  // Keys that go through the lists.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.shiftKey) return;
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
      const turn = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      if (step) {
        const at = shown.findIndex(({ id }) => id === open);
        const next = shown[at < 0 ? 0 : at + step];
        if (next) openChat(next.id);
      } else if (turn) {
        const next = tabs[(tabs.indexOf(box) + turn + tabs.length) % tabs.length];
        if (next) setBox(next);
      } else if (event.code === 'KeyN' && takes) {
        takeNext();
      } else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });

  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [open]);

  const countOf = (each: Box): number | null => (each === 'done' ? null : each === 'all' ? counts.all : counts[each]);
  const [icon, title, hint] = EMPTY[box];

  return (
    <section className="Boxes" aria-label={say('chats')}>
      <div className="Boxes-tabs" role="tablist" aria-label={say('chats')}>
        {tabs.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            aria-selected={box === each}
            data-box={each}
            onClick={() => setBox(each)}
          >
            <span>{say(TITLES[each])}</span>
            {Boolean(countOf(each)) && <b data-hot={each === 'queue'}>{countOf(each)}</b>}
          </button>
        ))}
      </div>
      <div className="Boxes-tools">
        <Input
          allowClear
          size="small"
          aria-label={say('filter')}
          placeholder={say('filter')}
          prefix={<DeskIcon name="search" size={14} />}
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
        {takes && agent && (
          <Button
            size="small"
            type="primary"
            loading={taking}
            disabled={!counts.queue}
            onClick={takeNext}
            title="Alt+N"
          >
            {say('next')}
          </Button>
        )}
      </div>
      {agent?.presence === 'offline' && (
        <p className="Boxes-offline">
          <span>{say('notOnlineMore')}</span>
          <Button size="small" type="link" onClick={() => setPresence('online')}>
            {say('goOnline')}
          </Button>
        </p>
      )}
      <div className="Boxes-list">
        {!loaded && problem ? (
          <Trouble error={problem} onRetry={() => void desk.load(box)} />
        ) : !loaded ? (
          <div className="Boxes-skeleton" role="status" aria-label={say('loading')}>
            {[0, 1, 2, 3, 4].map((each) => (
              <Skeleton key={each} active avatar title={false} paragraph={{ rows: 2 }} />
            ))}
          </div>
        ) : shown.length === 0 ? (
          <Nothing icon={asked ? 'search' : icon} title={say(asked ? 'emptyFound' : title)}>
            {asked ? null : say(hint)}
          </Nothing>
        ) : (
          <ul ref={list}>
            {shown.map((chat) => (
              <ChatRow key={chat.id} chat={chat} box={box} open={open === chat.id} mine={agentId} />
            ))}
          </ul>
        )}
        {loaded && next && !found && shown.length > 0 && <More box={box} />}
      </div>
    </section>
  );
}

function More({ box }: { box: Box }) {
  const desk = useDesk();
  const say = useWords();
  const [busy, setBusy] = useState(false);
  return (
    <Button
      type="text"
      block
      loading={busy}
      onClick={() => {
        setBusy(true);
        void desk.loadMore(box).finally(() => setBusy(false));
      }}
    >
      {say('loadMore')}
    </Button>
  );
}
