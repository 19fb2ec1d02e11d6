import { Alert, Button, Form, Input } from 'antd';
import { useEffect, useState } from 'react';
import { type Api, Refused, type WaysIn } from '../api';
import type { Me } from '../wire';
import { useWords, type Word, wordsOf } from '../words';
import { Frame } from './Frame';

/** Seconds that are still to be waited for, counted down. */
function useCountdown(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}

const TROUBLES: Readonly<Record<string, Word>> = {
  down: 'oidcDown',
  denied: 'oidcDenied',
  stale: 'oidcStale',
  invalid: 'oidcInvalid',
  stranger: 'oidcStranger',
  domain: 'oidcDomain',
  role: 'oidcRole',
  login: 'oidcLogin',
  left: 'oidcLeft',
};

/** What went wrong at the identity provider. */
function troubleHere(): Word | null {
  const trouble = new URLSearchParams(location.search).get('trouble');
  return trouble === null ? null : (TROUBLES[trouble] ?? 'oidcInvalid');
}

export function SignInPage({ api, onSignedIn }: { api: Api; onSignedIn: (me: Me) => void }) {
  const say = useWords();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [wait, setWait] = useCountdown();
  const [ways, setWays] = useState<WaysIn | null>(null);
  const [trouble, setTrouble] = useState(troubleHere);

  // Told once: reloading the page does not tell it again.
  useEffect(() => {
    if (location.search) history.replaceState(null, '', location.pathname + location.hash);
  }, []);
  useEffect(() => {
    api.oidc().then(setWays, () => undefined);
  }, [api]);

  const submit = async ({ login, password }: { login: string; password: string }) => {
    setBusy(true);
    setProblem(null);
    setTrouble(null);
    try {
      onSignedIn(await api.signIn(login.trim(), password));
    } catch (error) {
      setProblem(wordsOf(error));
      if (error instanceof Refused) setWait(Number(error.extra.retry_after ?? 0));
      setBusy(false);
    }
  };

  return (
    <Frame title={say('workbench')} lead={say('signInTo')}>
      <Form layout="vertical" size="large" requiredMark={false} onFinish={(values) => void submit(values as never)}>
        {problem && (
          <Alert
            className="Frame-problem"
            type="error"
            showIcon
            message={problem}
            description={wait > 0 ? say('retryIn', wait) : undefined}
          />
        )}
        {trouble && <Alert className="Frame-problem" type="warning" showIcon message={say(trouble)} />}
        {ways?.enabled && !ways.password && (
          <Button type="primary" block href="/api/desk/oidc/begin">
            {say('signInWith', ways.label)}
          </Button>
        )}
        {ways?.password !== false && (
          <>
            <Form.Item name="login" label={say('login')} rules={[{ required: true, message: say('loginMissing') }]}>
              <Input autoComplete="username" autoCapitalize="none" spellCheck={false} />
            </Form.Item>
            <Form.Item
              name="password"
              label={say('password')}
              rules={[{ required: true, message: say('passwordMissing') }]}
            >
              <Input.Password autoComplete="current-password" />
            </Form.Item>
            <Button type="primary" htmlType="submit" block loading={busy} disabled={wait > 0}>
              {say('signIn')}
            </Button>
            {ways?.enabled && (
              <Button className="Frame-second" block href="/api/desk/oidc/begin">
                {say('signInWith', ways.label)}
              </Button>
            )}
            <p className="Frame-hint">{say('firstStart')}</p>
          </>
        )}
      </Form>
    </Frame>
  );
}
