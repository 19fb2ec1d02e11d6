import { App, Button, Skeleton } from 'antd';
import { lazy, Suspense, useEffect, useState } from 'react';
import { codeOf, Refused } from '../api';
import { useDesk, useSnapshot, useTalk } from '../desk';
import { Trouble } from '../states';
import type { Chat } from '../wire';
import { useWords, wordsOf } from '../words';
import { Composer } from './Composer';
import { CloseDialog, QueueDialog, TakeOverDialog, ToBotDialog, TransferDialog } from './dialogs';
import { Messages } from './Messages';
import { TalkHead, type TalkDeed } from './TalkHead';
import { SuggestionStrip } from './SuggestionStrip';

const RaiseDialog = lazy(() => import('../tickets/RaiseDialog'));
const PromiseStrip = lazy(() => import('../tickets/PromiseStrip'));
const WhisperStrip = lazy(() => import('../board/WhisperStrip').then((made) => ({ default: made.WhisperStrip })));
const GuestStrip = lazy(() => import('../board/WhisperStrip').then((made) => ({ default: made.GuestStrip })));

interface TalkViewProps {
  chat: string;
  panel: boolean;
  onPanel: () => void;
  onSearch: () => void;
}

const GONE = {
  solved: 'goneSolved',
  closed: 'goneSolved',
  to_bot: 'goneToBot',
  returned: 'goneReturned',
  offline: 'goneReturned',
  gone: 'goneReturned',
} as const;

export function TalkView({ chat, panel, onPanel, onSearch }: TalkViewProps) {
  const desk = useDesk();
  const say = useWords();
  const { message } = App.useApp();
  const talk = useTalk(chat);
  const row = useSnapshot((snapshot) => snapshot.rows[chat]);
  const [dialog, setDialog] = useState<TalkDeed | null>(null);
  const [busy, setBusy] = useState(false);

  const claim = () => {
    setBusy(true);
    desk
      .move(chat, 'claim')
      .catch((error: unknown) => {
        const by = error instanceof Refused ? (error.extra.by as { name?: string } | undefined)?.name : undefined;
        if (codeOf(error) === 'taken' && by) void message.warning(say('takenBy', by));
        else void message.error(wordsOf(error));
      })
      .finally(() => setBusy(false));
  };
  const act = (deed: TalkDeed) => {
    if (deed === 'claim') claim();
    else if (deed === 'rate') {
      desk.api.askRating(chat).then(
        () => void message.success(say('rateAsked')),
        (error: unknown) => void message.error(wordsOf(error)),
      );
    } else setDialog(deed);
  };

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.shiftKey || !talk) return;
      if (event.key === 'Enter' && talk.may.claim) act('claim');
      else if (event.code === 'KeyG' && (talk.may.send || talk.may.wrap_up)) setDialog('ticket');
      else if (event.code === 'KeyT' && talk.may.transfer) setDialog('transfer');
      else if (event.code === 'KeyE' && (talk.may.close ?? talk.may.wrap_up))
        setDialog(talk.may.close ? 'close' : 'wrap_up');
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });

  if (!talk?.loaded || !row) {
    return (
      <main className="TalkView" id="talk" tabIndex={-1}>
        {talk?.problem ? (
          <Trouble error={talk.problem} onRetry={() => void desk.loadTalk(chat)} />
        ) : (
          <div className="TalkView-skeleton" role="status" aria-label={say('loading')}>
            <Skeleton active avatar paragraph={{ rows: 2 }} />
            <Skeleton active paragraph={{ rows: 3 }} />
            <Skeleton active paragraph={{ rows: 2 }} />
          </div>
        )}
      </main>
    );
  }
  const close = () => setDialog(null);
  return (
    <main className="TalkView" id="talk" tabIndex={-1} data-chat={chat} data-state={row.state}>
      <TalkHead chat={row} talk={talk} panel={panel} busy={busy} onPanel={onPanel} onDeed={act} />
      {talk.gone && (
        <p className="TalkView-gone" role="status">
          {goneWords(talk.gone, say)}
        </p>
      )}
      <Messages chat={row} talk={talk} />
      <Suspense fallback={null}>
        <WhisperStrip chat={chat} />
        {talk.may.leave && <GuestStrip chat={chat} />}
      </Suspense>
      {talk.may.send ? (
        <>
          <Suspense fallback={null}>
            <PromiseStrip chat={chat} onRaise={() => setDialog('ticket')} />
          </Suspense>
          <SuggestionStrip chat={chat} talk={talk} />
          <Composer chat={chat} talk={talk} onSearch={onSearch} />
        </>
      ) : (
        <ReadOnly chat={row} may={talk.may} busy={busy} onDeed={act} />
      )}
      {dialog === 'ticket' && (
        <Suspense fallback={null}>
          <RaiseDialog chat={chat} onClose={close} />
        </Suspense>
      )}
      {dialog === 'transfer' && <TransferDialog chat={row} onClose={close} />}
      {(dialog === 'close' || dialog === 'wrap_up') && (
        <CloseDialog chat={row} wrapsUp={dialog === 'wrap_up'} onClose={close} />
      )}
      {dialog === 'to_bot' && <ToBotDialog chat={row} onClose={close} />}
      {dialog === 'back_to_queue' && <QueueDialog chat={row} onClose={close} />}
      {dialog === 'take_over' && <TakeOverDialog chat={row} onClose={close} />}
    </main>
  );
}

function goneWords({ why, by }: { why: string; by: string | null }, say: ReturnType<typeof useWords>): string {
  if (why in GONE) return say(GONE[why as keyof typeof GONE]);
  if (why === 'transferred') return say('goneTransferred', by ?? say('another'));
  if (why === 'claimed' || why === 'taken_over') return say('goneTaken', by ?? say('another'));
  return say('goneOther');
}

/** Why nothing can be written here, and what can be done about it. */
function ReadOnly({
  chat,
  may,
  busy,
  onDeed,
}: {
  chat: Chat;
  may: { claim?: boolean; take_over?: boolean };
  busy: boolean;
  onDeed: (deed: TalkDeed) => void;
}) {
  const say = useWords();
  const words =
    chat.hand_off_state === 'closed' || chat.state === 'closed'
      ? say('readOnlyClosed')
      : chat.agent
        ? say('readOnlyOther', chat.agent.name)
        : chat.state === 'bot' && !may.claim
          ? say('readOnlyBot')
          : say('readOnly');
  return (
    <footer className="ReadOnly">
      <span>{words}</span>
      {may.claim && (
        <Button type="primary" loading={busy} onClick={() => onDeed('claim')}>
          {say('claim')}
        </Button>
      )}
      {!may.claim && may.take_over && <Button onClick={() => onDeed('take_over')}>{say('takeOver')}</Button>}
    </footer>
  );
}
