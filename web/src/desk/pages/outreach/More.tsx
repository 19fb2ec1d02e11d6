import { App, Button } from 'antd';
import { useState } from 'react';
import { wordsOf } from '../../words';
import { useOutreachWords } from './words';

/** Reads the next page of a list. */
export function More({ read }: { read: () => Promise<void> }) {
  const say = useOutreachWords();
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);
  const next = async () => {
    setBusy(true);
    try {
      await read();
    } catch (error) {
      void message.error(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button type="text" block loading={busy} onClick={() => void next()}>
      {say('more')}
    </Button>
  );
}
