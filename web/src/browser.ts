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

/** What was kept under that key. */
export function remembered(key: string, where: 'local' | 'session'): string | null {
  try {
    return (where === 'local' ? localStorage : sessionStorage).getItem(key);
  } catch {
    return null;
  }
}

/** A word kept over a reload: for this tab, or for this browser. Where nothing can be kept, until the page closes. */
export function useRemembered(
  key: string,
  where: 'local' | 'session',
): [string | null, (value: string | null) => void] {
  const [value, setValue] = useState(() => remembered(key, where));
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

function onConnection(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

/** Whether the device has a network at all. */
export function useOnline(): boolean {
  return useSyncExternalStore(onConnection, () => navigator.onLine);
}

/** Copies a text; false where the browser does not let us. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
