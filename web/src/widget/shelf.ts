/** Where the merchant's own page keeps what the chat wants kept; a frame of another site may have no storage at all. */

export interface Shelf {
  get(key: string): string | null;
  set(key: string, value: string | null): void;
  /** Whether anything is kept whose key begins so. */
  has(prefix: string): boolean;
  clear(): void;
}

/** Everything is kept under this beginning, and nothing else is ever read or written. */
export function shelf(beginning: string, place: () => Storage): Shelf {
  const memory = new Map<string, string>();
  // Storage may be forbidden or full: then what is kept lives as long as the page.
  const attempt = <T>(act: (storage: Storage) => T, otherwise: T): T => {
    try {
      return act(place());
    } catch {
      return otherwise;
    }
  };
  const keys = () => attempt((storage) => Object.keys(storage).filter((key) => key.startsWith(beginning)), []);
  return {
    get: (key) => attempt((storage) => storage.getItem(beginning + key), null) ?? memory.get(key) ?? null,
    set(key, value) {
      if (value === null) memory.delete(key);
      else memory.set(key, value);
      attempt((storage) => {
        if (value === null) storage.removeItem(beginning + key);
        else storage.setItem(beginning + key, value);
      }, undefined);
    },
    has: (prefix) => keys().some((key) => key.startsWith(beginning + prefix)),
    clear() {
      memory.clear();
      keys().forEach((key) => attempt((storage) => storage.removeItem(key), undefined));
    },
  };
}
