/** Words from beside the conversation that are to stand in the field. */

export interface Inserted {
  text: string;
  suggestion?: string | number;
  quickReply?: number;
  /** In place of what stands there. */
  replaces?: boolean;
}

type Listener = (inserted: Inserted) => void;
const listeners = new Set<Listener>();

export function insertWords(text: string, about: Omit<Inserted, 'text'> = {}): void {
  listeners.forEach((listener) => listener({ text, ...about }));
}

export function onInserted(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
