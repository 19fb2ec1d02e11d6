/** Reads something, and again when what it depends on changes. */

import { useCallback, useEffect, useState } from 'react';

export interface Loaded<T> {
  value: T | null;
  error: unknown;
  again: () => void;
  set: (value: T) => void;
}

/** What `read` gives; an answer that has been overtaken by a later question is dropped. */
export function useLoaded<T>(read: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ value: T | null; error: unknown; of: unknown }>({
    value: null,
    error: null,
    of: null,
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isLatest = true;
    read().then(
      (value) => isLatest && setState({ value, error: null, of: read }),
      (error: unknown) => isLatest && setState({ value: null, error, of: read }),
    );
    return () => {
      isLatest = false;
    };
  }, [read, round]);
  const again = useCallback(() => setRound((known) => known + 1), []);
  const set = useCallback((value: T) => setState((known) => ({ ...known, value, error: null })), []);
  return { value: state.value, error: state.error, again, set };
}
