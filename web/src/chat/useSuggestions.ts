import { useEffect, useState } from 'react';
import { fetchSuggestions, type SuggestedLine } from './suggestions';

const PAUSE_MS = 180;
const SHORTEST = 2;

/** Questions that the customer may be about to type; none while they are fetched or where there are none. */
export function useSuggestions(typed: string): readonly SuggestedLine[] {
  const [found, setFound] = useState<{ typed: string; lines: SuggestedLine[] }>({ typed: '', lines: [] });
  const wanted = typed.trim();

  useEffect(() => {
    if (wanted.length < SHORTEST) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      fetchSuggestions(wanted, abort.signal).then(
        (lines) => setFound({ typed: wanted, lines }),
        () => undefined,
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [wanted]);

  return wanted.length >= SHORTEST && found.typed === wanted ? found.lines : [];
}
