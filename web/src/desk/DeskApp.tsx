import { App, ConfigProvider, theme } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { useMedia, useRemembered } from '../browser';
import { Api, codeOf } from './api';
import { PasswordPage } from './pages/PasswordPage';
import { SignInPage } from './pages/SignInPage';
import { Trouble, Waiting } from './states';
import { type Clothes, ClothesContext, type Theme } from './clothes';
import type { Language, Me } from './wire';
import { sayIn, WordsContext } from './words';

const Desk = lazy(() => import('./Desk'));

const INK = { light: '#2f54c8', dark: '#7d9bff' };

function useClothes(): Clothes & { dark: boolean } {
  const [kept, keep] = useRemembered('sixty.desk.theme', 'local');
  const prefersDark = useMedia('(prefers-color-scheme: dark)');
  const chosen: Theme = kept === 'light' || kept === 'dark' ? kept : 'auto';
  const dark = chosen === 'dark' || (chosen === 'auto' && prefersDark);
  useEffect(() => {
    document.documentElement.dataset.colorScheme = dark ? 'dark' : 'light';
  }, [dark]);
  return useMemo(() => ({ theme: chosen, setTheme: keep, dark }), [chosen, keep, dark]);
}

type Session = { is: 'asking' } | { is: 'out' } | { is: 'in'; me: Me } | { is: 'trouble'; error: unknown };

/** Who sits here; asked once, and after every sign-in. */
function Entrance({ api, onLanguage }: { api: Api; onLanguage: (language: Language) => void }) {
  const [session, setSession] = useState<Session>({ is: 'asking' });

  const enter = useCallback(
    (me: Me) => {
      api.welcome(me);
      onLanguage(me.account.language);
      setSession({ is: 'in', me });
    },
    [api, onLanguage],
  );
  const ask = useCallback(() => {
    api
      .me()
      .then(enter, (error: unknown) =>
        setSession(codeOf(error) === 'signed_out' ? { is: 'out' } : { is: 'trouble', error }),
      );
  }, [api, enter]);

  useEffect(() => {
    api.attend(() => setSession({ is: 'out' }));
    ask();
  }, [api, ask]);

  switch (session.is) {
    case 'asking':
      return <Waiting whole />;
    case 'trouble':
      return (
        <Trouble
          whole
          error={session.error}
          onRetry={() => {
            setSession({ is: 'asking' });
            ask();
          }}
        />
      );
    case 'out':
      return <SignInPage api={api} onSignedIn={enter} />;
    case 'in':
      if (session.me.must_change_password) return <PasswordPage api={api} onChanged={ask} />;
      return (
        <Suspense fallback={<Waiting whole />}>
          <Desk
            key={String(session.me.account.id)}
            api={api}
            me={session.me}
            onLanguage={onLanguage}
            onSignedOut={() => setSession({ is: 'out' })}
          />
        </Suspense>
      );
  }
}

export function DeskApp() {
  const clothes = useClothes();
  const [kept, keep] = useRemembered('sixty.desk.language', 'local');
  const language: Language = kept === 'en' ? 'en' : 'zh';
  const words = useMemo(() => ({ say: sayIn(language), language }), [language]);
  const [api] = useState(() => new Api());
  const { dark } = clothes;

  useEffect(() => {
    document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
    document.title = words.say('workbench');
  }, [language, words]);

  return (
    <ConfigProvider
      locale={language === 'en' ? enUS : zhCN}
      button={{ autoInsertSpace: false }}
      theme={{
        algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
        hashed: false,
        cssVar: { key: 'desk' },
        components: { Tabs: { itemSelectedColor: INK[dark ? 'dark' : 'light'] } },
        token: {
          colorPrimary: dark ? '#5b7cf0' : INK.light,
          colorLink: INK[dark ? 'dark' : 'light'],
          colorError: dark ? '#f0655d' : '#c9302c',
          fontSize: 13,
          controlHeight: 30,
          controlHeightSM: 24,
          borderRadius: 6,
          fontFamily: 'var(--font)',
          motionDurationMid: '0.12s',
          motionDurationSlow: '0.16s',
          ...(dark
            ? { colorBgContainer: '#1c1f27', colorBgElevated: '#262a34', colorBgLayout: '#12141a' }
            : { colorTextTertiary: '#626a78', colorTextDescription: '#626a78', colorTextPlaceholder: '#6d7585' }),
        },
      }}
    >
      <App component={false} message={{ maxCount: 3 }} notification={{ placement: 'topRight' }}>
        <WordsContext.Provider value={words}>
          <ClothesContext.Provider value={clothes}>
            <Entrance api={api} onLanguage={keep} />
          </ClothesContext.Provider>
        </WordsContext.Provider>
      </App>
    </ConfigProvider>
  );
}
