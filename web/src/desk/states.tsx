/** What is shown while there is nothing to show yet, or never, or not now. */

import { Button, Spin } from 'antd';
import type { ReactNode } from 'react';
import { DeskIcon, type IconName } from './DeskIcon';
import { useWords, wordsOf } from './words';

export function Waiting({ whole = false }: { whole?: boolean }) {
  const say = useWords();
  return (
    <div className="State" data-whole={whole} role="status" aria-label={say('loading')}>
      <Spin />
    </div>
  );
}

export function Trouble({ error, onRetry, whole = false }: { error: unknown; onRetry: () => void; whole?: boolean }) {
  const say = useWords();
  return (
    <div className="State" data-whole={whole} role="alert">
      <DeskIcon name="alert" size={28} />
      <strong>{say('loadFailed')}</strong>
      <p>{wordsOf(error)}</p>
      <Button size="small" onClick={onRetry}>
        {say('retry')}
      </Button>
    </div>
  );
}

export function Nothing({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
  return (
    <div className="State">
      <span className="State-sign">
        <DeskIcon name={icon} size={30} />
      </span>
      <strong>{title}</strong>
      {children && <p>{children}</p>}
    </div>
  );
}
