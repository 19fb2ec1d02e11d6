import { useState } from 'react';
import type { Api } from '../api';
import { useWords } from '../words';
import { Frame } from './Frame';
import { PasswordForm } from './PasswordForm';

/** A one-time password is changed before anything else. */
export function PasswordPage({ api, onChanged }: { api: Api; onChanged: () => void }) {
  const say = useWords();
  const [done, setDone] = useState(false);
  return (
    <Frame title={say('changePassword')} lead={say('oneTimeIntro')}>
      <PasswordForm
        api={api}
        busy={done}
        onChanged={() => {
          setDone(true);
          onChanged();
        }}
      />
    </Frame>
  );
}
