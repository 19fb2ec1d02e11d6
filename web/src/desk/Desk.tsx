import { App } from 'antd';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { useOnline } from '../browser';
import type { Api } from './api';
import { DeskContext, useDesk, useSnapshot } from './desk';
import { showUnread } from './favicon';
import { KeyHelp } from './KeyHelp';
import { Live } from './live';
import { goTo, openChat, usePlace } from './place';
import { Rail } from './Rail';
import { notify, ring } from './ringing';
import { useAlarms } from './board/useAlarms';
import { browserShelf } from './shelf';
import { Waiting } from './states';
import type { Alert, Language, Me } from './wire';
import { Workbench } from './workbench';
import { useWords } from './words';
import { ChatsPage } from './pages/ChatsPage';

const TicketsPage = lazy(() => import('./tickets/TicketsPage'));
const BoardPage = lazy(() => import('./board/BoardPage'));
const SupervisionPage = lazy(() => import('./board/SupervisionPage'));
const PeoplePage = lazy(() => import('./board/PeoplePage'));
const InspectionPage = lazy(() => import('./inspection/InspectionPage'));
const StaffPage = lazy(() => import('./pages/StaffPage'));
const OutreachPage = lazy(() => import('./pages/outreach/OutreachPage'));
const AuditPage = lazy(() => import('./pages/AuditPage'));
const RepliesPage = lazy(() => import('./pages/RepliesPage'));
const KnowledgeSearch = lazy(() => import('./panel/KnowledgeSearch'));

function openAlert({ chat, kind, tickets }: Alert): void {
  if (kind === 'ticket') goTo({ page: 'tickets', chat: null, item: tickets?.[0] ? String(tickets[0].id) : null });
  else openChat(chat);
}

const FETCHED_AHEAD_AFTER_MS = 1_500;

interface DeskProps {
  api: Api;
  me: Me;
  onLanguage: (language: Language) => void;
  onSignedOut: () => void;
}

function newId(): string {
  if ('randomUUID' in crypto) return crypto.randomUUID();
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export default function Desk({ api, me, onLanguage, onSignedOut }: DeskProps) {
  const say = useWords();
  const { message } = App.useApp();
  const [desk] = useState(() => {
    const bench: Workbench = new Workbench(me, {
      api,
      live: (events) => new Live(events),
      shelf: browserShelf,
      newId,
      preview: { of: (file) => URL.createObjectURL(file), end: (url) => URL.revokeObjectURL(url) },
      alert: (alert: Alert) => {
        const { account } = bench.getSnapshot().me;
        const isLooking = document.hasFocus() && bench.getSnapshot().open === alert.chat;
        if (account.sound && !(isLooking && alert.kind === 'message')) ring(alert.kind === 'waiting_long');
        if (alert.kind === 'ticket') void message.warning(`${alert.title}：${alert.text}`, 8);
        if (account.notify) notify(alert, openAlert);
      },
      tell: (kind, words) => void message[kind](words),
      words: { draftKept: (name) => say('draftKept', name), endedDraftKept: () => say('endedDraftKept') },
      focused: () => document.visibilityState === 'visible' && document.hasFocus(),
    });
    return bench;
  });

  useEffect(() => {
    desk.start();
    const wake = () => desk.wake();
    window.addEventListener('online', wake);
    window.addEventListener('focus', wake);
    document.addEventListener('visibilitychange', wake);
    return () => {
      desk.stop();
      window.removeEventListener('online', wake);
      window.removeEventListener('focus', wake);
      document.removeEventListener('visibilitychange', wake);
    };
  }, [desk]);

  return (
    <DeskContext.Provider value={desk}>
      <Room onLanguage={onLanguage} onSignedOut={onSignedOut} />
    </DeskContext.Provider>
  );
}

function LineState() {
  const say = useWords();
  const line = useSnapshot((snapshot) => snapshot.line);
  const replaced = useSnapshot((snapshot) => snapshot.replaced);
  const isOnline = useOnline();
  const words = replaced ? 'lineReplaced' : !isOnline ? 'lineNoNetwork' : line === 'lost' ? 'lineLost' : null;
  return (
    <div role="status" className="LineState" data-shown={words !== null}>
      {words && say(words)}
      {replaced && (
        <button type="button" onClick={() => location.reload()}>
          {say('takeOverLine')}
        </button>
      )}
    </div>
  );
}

/** Unread messages in the window's title and on its icon, where they are seen among other tabs. */
function useTitle() {
  const say = useWords();
  const agent = useSnapshot((snapshot) => snapshot.me.agent?.id ?? null);
  const rows = useSnapshot((snapshot) => snapshot.rows);
  const unread = useMemo(
    () => Object.values(rows).reduce((sum, row) => sum + (row.agent?.id === agent && agent ? row.unread : 0), 0),
    [rows, agent],
  );
  useEffect(() => {
    void showUnread(unread);
    document.title = unread ? `(${unread}) ${say('workbench')}` : say('workbench');
  }, [unread, say]);
}

function Room({ onLanguage, onSignedOut }: Pick<DeskProps, 'onLanguage' | 'onSignedOut'>) {
  const desk = useDesk();
  const { page, chat, item } = usePlace();
  const [searches, setSearches] = useState(false);
  const [helps, setHelps] = useState(false);
  useTitle();
  useAlarms();

  // Fetched ahead of need, so that it is there with the key that asks for it.
  useEffect(() => {
    const timer = setTimeout(() => void import('./panel/KnowledgeSearch'), FETCHED_AHEAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);

  const search = useCallback(() => setSearches(true), []);
  const help = useCallback(() => setHelps(true), []);

  useEffect(() => desk.open(page === 'chats' ? chat : null), [desk, page, chat]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setSearches(true);
      } else if (event.key === '?' && !isTyping && !event.ctrlKey && !event.altKey) {
        event.preventDefault();
        setHelps(true);
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  return (
    <div className="Room">
      <a className="Skip" href="#talk">
        {useWords()('skip')}
      </a>
      <Rail
        page={page}
        onPage={(wanted) => goTo({ page: wanted, chat: null })}
        onSearch={search}
        onHelp={help}
        onLanguage={onLanguage}
        onSignedOut={onSignedOut}
      />
      <div className="Room-main">
        <LineState />
        <Suspense fallback={<Waiting />}>
          {page === 'chats' && <ChatsPage chat={chat} onSearch={search} />}
          {page === 'tickets' && <TicketsPage item={item ?? null} />}
          {page === 'board' && <BoardPage />}
          {page === 'supervision' && <SupervisionPage />}
          {page === 'people' && <PeoplePage />}
          {page === 'outreach' && <OutreachPage />}
          {page === 'inspection' && <InspectionPage item={item ?? null} />}
          {page === 'staff' && <StaffPage />}
          {page === 'audit' && <AuditPage />}
          {page === 'replies' && <RepliesPage />}
        </Suspense>
      </div>
      <Suspense fallback={null}>
        {searches && <KnowledgeSearch chat={chat} onClose={() => setSearches(false)} />}
      </Suspense>
      <KeyHelp open={helps} onClose={() => setHelps(false)} />
    </div>
  );
}
