import { App, Badge, Dropdown, Modal, Popover, Segmented, Switch, Tooltip } from 'antd';
import { useContext, useState } from 'react';
import { codeOf, Refused } from './api';
import { isIn } from './boxes/order';
import { ClothesContext, type Theme } from './clothes';
import { useDesk, usePermission, useSnapshot } from './desk';
import { DeskIcon, type IconName } from './DeskIcon';
import { Face } from './Face';
import { PasswordForm } from './pages/PasswordForm';
import type { Page } from './place';
import { mayNotify, ring } from './ringing';
import type { Language, Presence } from './wire';
import { useLanguage, useWords, type Word, wordsOf } from './words';

const STATES: readonly Presence[] = ['online', 'busy', 'away', 'offline'];

interface RailProps {
  page: Page;
  onPage: (page: Page) => void;
  onSearch: () => void;
  onHelp: () => void;
  onLanguage: (language: Language) => void;
  onSignedOut: () => void;
}

export function usePresence(): (state: Presence) => void {
  const desk = useDesk();
  const say = useWords();
  const { message, modal } = App.useApp();
  return (state) => {
    const set = async (anyway: boolean): Promise<void> => {
      try {
        await desk.setPresence(state, anyway);
      } catch (error) {
        if (codeOf(error) !== 'has_chats' || !(error instanceof Refused)) {
          void message.error(wordsOf(error));
          return;
        }
        modal.confirm({
          title: say('offlineAsk', Number(error.extra.chats ?? 0)),
          content: say('offlineAskMore'),
          okText: say('goOffline'),
          okButtonProps: { danger: true },
          cancelText: say('cancel'),
          onOk: () => set(true),
        });
      }
    };
    void set(false);
  };
}

function PresenceMenu() {
  const say = useWords();
  const agent = useSnapshot((snapshot) => snapshot.me.agent);
  // The stream tells of every conversation that comes and goes; what was known at the sign-in counts until the list is read.
  const load = useSnapshot(({ boxes, rows, me }) =>
    boxes.mine.loaded
      ? Object.values(rows).filter((chat) => isIn(chat, 'mine', me.agent?.id ?? null) && chat.state !== 'wrap_up')
          .length
      : (me.agent?.load ?? 0),
  );
  const setPresence = usePresence();
  if (!agent) return null;
  return (
    <Dropdown
      trigger={['click']}
      placement="topRight"
      menu={{
        selectedKeys: [agent.presence],
        onClick: ({ key }) => setPresence(key as Presence),
        items: STATES.map((state) => ({
          key: state,
          label: (
            <span className="PresenceItem">
              <i className="Dot" data-presence={state} />
              <span>
                <b>{say(state)}</b>
                <small>{say(`${state}Hint`)}</small>
              </span>
            </span>
          ),
        })),
      }}
    >
      <button type="button" className="Rail-presence">
        <span className="OnlySpoken">{say('state')}</span>
        <span className="Rail-face">
          <Face name={agent.name} id={agent.id} size={32} />
          <i className="Dot" data-presence={agent.presence} />
        </span>
        <span className="Rail-state">{say(agent.presence)}</span>
        <span className="Rail-load" title={say('capacityOf', load, agent.capacity)}>
          {load}/{agent.capacity}
        </span>
      </button>
    </Dropdown>
  );
}

function Settings({
  onLanguage,
  onPassword,
  onSignedOut,
}: Pick<RailProps, 'onLanguage' | 'onSignedOut'> & { onPassword: () => void }) {
  const desk = useDesk();
  const say = useWords();
  const language = useLanguage();
  const { theme, setTheme } = useContext(ClothesContext);
  const account = useSnapshot((snapshot) => snapshot.me.account);
  const { message } = App.useApp();
  const change = (what: Record<string, unknown>) =>
    void desk.changeMe(what).catch((error: unknown) => void message.error(wordsOf(error)));

  return (
    <div className="Settings">
      <p className="Settings-who">
        <b>{account.name ?? account.login}</b>
        <small>{account.login}</small>
      </p>
      <div className="Settings-row">
        <span>{say('theme')}</span>
        <Segmented<Theme>
          size="small"
          value={theme}
          onChange={setTheme}
          options={[
            { value: 'light', label: say('light') },
            { value: 'dark', label: say('dark') },
            { value: 'auto', label: say('auto') },
          ]}
        />
      </div>
      <div className="Settings-row">
        <span>{say('language')}</span>
        <Segmented<Language>
          size="small"
          value={language}
          onChange={(wanted) => {
            onLanguage(wanted);
            change({ language: wanted });
          }}
          options={[
            { value: 'zh', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
        />
      </div>
      <div className="Settings-row">
        <span id="set-sound">{say('sound')}</span>
        <Switch
          size="small"
          aria-labelledby="set-sound"
          checked={account.sound}
          onChange={(on) => {
            if (on) ring(false);
            change({ sound: on });
          }}
        />
      </div>
      <div className="Settings-row">
        <span id="set-notify">{say('notify')}</span>
        <Switch
          size="small"
          aria-labelledby="set-notify"
          checked={account.notify}
          onChange={(on) => {
            if (!on) change({ notify: false });
            else
              void mayNotify().then((granted) => {
                if (granted) change({ notify: true });
                else void message.warning(say('notifyDenied'));
              });
          }}
        />
      </div>
      <div className="Settings-links">
        {account.has_password && (
          <button type="button" onClick={onPassword}>
            {say('changePassword')}
          </button>
        )}
        <button
          type="button"
          onClick={() =>
            void desk.api.signOut().then(onSignedOut, (error: unknown) => void message.error(wordsOf(error)))
          }
        >
          {say('signOut')}
        </button>
      </div>
    </div>
  );
}

export function Rail({ page, onPage, onSearch, onHelp, onLanguage, onSignedOut }: RailProps) {
  const desk = useDesk();
  const say = useWords();
  const { message } = App.useApp();
  const unread = useSnapshot((snapshot) => snapshot.counts.unread);
  const shop = useSnapshot((snapshot) => snapshot.me.shop.name);
  const [password, setPassword] = useState(false);
  const seesReminders = usePermission('outreach.read');
  const calls = usePermission('outreach.call');
  const scores = usePermission('inspect.score');
  const takes = usePermission('chat.take');
  const pages: { page: Page; icon: IconName; word: Word; shown: boolean }[] = [
    { page: 'chats', icon: 'chats', word: 'chats', shown: true },
    { page: 'tickets', icon: 'ticket', word: 'tickets', shown: usePermission('chat.take') },
    { page: 'replies', icon: 'bolt', word: 'replies', shown: usePermission('chat.take') },
    { page: 'supervision', icon: 'eye', word: 'supervision', shown: usePermission('chat.assign') },
    { page: 'board', icon: 'board', word: 'board', shown: usePermission('report.read') },
    { page: 'people', icon: 'chart', word: 'people', shown: usePermission('report.read') },
    { page: 'outreach', icon: 'bell', word: 'outreach', shown: seesReminders || calls },
    { page: 'inspection', icon: 'loupe', word: 'inspection', shown: takes || scores },
    { page: 'staff', icon: 'team', word: 'staff', shown: usePermission('staff.read') },
    { page: 'audit', icon: 'shield', word: 'audit', shown: usePermission('audit.read') },
  ];

  return (
    <nav className="Rail" aria-label={shop}>
      <img className="Rail-logo" src="/icon.svg" alt={shop} title={shop} />
      {pages
        .filter(({ shown }) => shown)
        .map(({ page: one, icon, word }) => (
          <button
            key={one}
            type="button"
            className="Rail-page"
            aria-current={page === one ? 'page' : undefined}
            onClick={() => onPage(one)}
          >
            <Badge count={one === 'chats' ? unread : 0} size="small" offset={[3, -2]}>
              <DeskIcon name={icon} size={20} />
            </Badge>
            <span>{say(word)}</span>
          </button>
        ))}
      <span className="Rail-gap" />
      <Tooltip placement="right" title={`${say('search')} · Ctrl+K`}>
        <button type="button" className="Rail-tool" aria-label={say('search')} onClick={onSearch}>
          <DeskIcon name="search" size={20} />
        </button>
      </Tooltip>
      <Tooltip placement="right" title={`${say('keys')} · ?`}>
        <button type="button" className="Rail-tool" aria-label={say('keys')} onClick={onHelp}>
          <DeskIcon name="keyboard" size={20} />
        </button>
      </Tooltip>
      <Popover
        trigger="click"
        placement="rightBottom"
        content={<Settings onLanguage={onLanguage} onSignedOut={onSignedOut} onPassword={() => setPassword(true)} />}
      >
        <button type="button" className="Rail-tool" aria-label={say('settings')}>
          <DeskIcon name="gear" size={20} />
        </button>
      </Popover>
      <PresenceMenu />
      <Modal
        open={password}
        title={say('changePassword')}
        footer={null}
        width={400}
        destroyOnHidden
        onCancel={() => setPassword(false)}
      >
        <PasswordForm
          api={desk.api}
          onChanged={() => {
            setPassword(false);
            void message.success(say('passwordChanged'));
          }}
        />
      </Modal>
    </nav>
  );
}
