/** What the workbench keeps in this browser: drafts at once, and lines that are not sent yet. */

export interface Shelf {
  read(key: string): string | null;
  write(key: string, value: string | null): void;
  keys(): string[];
}

const PREFIX = 'sixty.desk.';

export const browserShelf: Shelf = {
  read: (key) => attempt(() => localStorage.getItem(PREFIX + key)) ?? null,
  write: (key, value) =>
    attempt(() => (value === null ? localStorage.removeItem(PREFIX + key) : localStorage.setItem(PREFIX + key, value))),
  keys: () =>
    attempt(() =>
      Object.keys(localStorage)
        .filter((key) => key.startsWith(PREFIX))
        .map((key) => key.slice(PREFIX.length)),
    ) ?? [],
};

/** Where nothing can be kept, all of it lives as long as the page. */
function attempt<T>(what: () => T): T | null {
  try {
    return what();
  } catch {
    return null;
  }
}

/** A line that was said and that the server has not acknowledged yet. */
export interface Outgoing {
  clientId: string;
  chat: string;
  at: number;
  text: string;
  /** The id of an upload that stands. */
  attachment: string | null;
  card: { kind: string; no: string } | null;
  quickReply: number | null;
  suggestion: string | number | null;
  /** The newest message that the agent had before them. */
  seen: number | null;
  state: 'sending' | 'failed' | 'held';
  problem: string | null;
  /** A picture as it lies here, to be looked at meanwhile. */
  preview: string | null;
}

const OUT = 'out';

export function keepOutgoing(shelf: Shelf, account: string, one: Outgoing): void {
  if (one.preview && !one.attachment) return;
  shelf.write(`${OUT}.${account}.${one.clientId}`, JSON.stringify({ ...one, preview: null }));
}

export function dropOutgoing(shelf: Shelf, account: string, clientId: string): void {
  shelf.write(`${OUT}.${account}.${clientId}`, null);
}

export function keptOutgoing(shelf: Shelf, account: string): Outgoing[] {
  const found = shelf.keys().flatMap((key): Outgoing[] => {
    if (!key.startsWith(`${OUT}.${account}.`)) return [];
    try {
      const one = JSON.parse(shelf.read(key) ?? 'null') as Partial<Outgoing> | null;
      if (!one?.clientId || !one.chat) return [];
      return [
        {
          clientId: one.clientId,
          chat: one.chat,
          at: one.at ?? 0,
          text: one.text ?? '',
          attachment: one.attachment ?? null,
          card: one.card ?? null,
          quickReply: one.quickReply ?? null,
          suggestion: one.suggestion ?? null,
          seen: one.seen ?? null,
          state: one.state ?? 'sending',
          problem: one.problem ?? null,
          preview: null,
        },
      ];
    } catch {
      return [];
    }
  });
  return found.sort((one, other) => one.at - other.at);
}

export function draftKey(account: string, chat: string): string {
  return `draft.${account}.${chat}`;
}
