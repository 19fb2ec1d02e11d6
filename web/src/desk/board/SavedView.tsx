import { useEffect, useState } from 'react';
import { useDesk } from '../desk';
import { Trouble, Waiting } from '../states';
import { boardApi } from './api';
import { percent } from './telling';
import { useBoardWords } from './words';
import type { Saved } from './wire';

/** What the bot saved, with every assumption beside it. */
export function SavedView({ from, to }: { from: string | null; to: string | null }) {
  const desk = useDesk();
  const say = useBoardWords();
  const [saved, setSaved] = useState<Saved | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [again, setAgain] = useState(0);
  useEffect(() => {
    let gone = false;
    boardApi.saved(desk.api, { from, to }).then(
      (read) => {
        if (gone) return;
        setSaved(read);
        setError(null);
      },
      (refused: unknown) => {
        if (!gone) setError(refused);
      },
    );
    return () => {
      gone = true;
    };
  }, [desk, from, to, again]);

  if (error) return <Trouble error={error} onRetry={() => setAgain(again + 1)} />;
  if (!saved) return <Waiting />;
  return (
    <section className="Saved">
      <h2>{say('savedAmount')}</h2>
      {saved.amount === null ? (
        <p>{say('savedUnknown')}</p>
      ) : (
        <>
          <b className="Saved-amount">¥{saved.amount}</b>
          <p>{say('savedHours', saved.hours ?? '')}</p>
          <p className="Saved-formula">
            {say(
              'savedFormula',
              saved.alone,
              percent(Number(saved.needs_person)),
              saved.minutes ?? '',
              say(saved.observed ? 'savedObserved' : 'savedSet'),
              saved.hour_costs,
            )}
          </p>
        </>
      )}
      <p className="Soft">
        {say('savedOf', saved.visits)} {say('savedEdit')}
      </p>
    </section>
  );
}
