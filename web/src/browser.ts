/** Small bridges between React and the browser. */

import { useCallback, useState, useSyncExternalStore } from 'react';

export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = window.matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}

/** A word kept over a reload: for this tab, or for this browser. Where nothing can be kept, until the page closes. */
export function useRemembered(
  key: string,
  where: 'local' | 'session',
): [string | null, (value: string | null) => void] {
  const [value, setValue] = useState(() => {
    try {
      return (where === 'local' ? localStorage : sessionStorage).getItem(key);
    } catch {
      return null;
    }
  });
  const remember = useCallback(
    (next: string | null) => {
      setValue(next);
      try {
        const storage = where === 'local' ? localStorage : sessionStorage;
        if (next === null) storage.removeItem(key);
        else storage.setItem(key, next);
      } catch {
        /* see above */
      }
    },
    [key, where],
  );
  return [value, remember];
}
