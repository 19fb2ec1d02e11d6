import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { type Entry, fetchContext } from './context';
import { Conversation, type Snapshot } from './conversation';
import { browserKeeper } from './keeper';
import { openLine } from './line';

function newId(): string {
  // randomUUID is there on https and localhost only, and a demo is also looked at from a phone in the same network.
  if ('randomUUID' in crypto) return crypto.randomUUID();
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The conversation of this customer, opened at this entry; null keeps it closed, with what was said still there. */
export function useConversation(
  customer: string | null,
  entry: Entry | null,
): { conversation: Conversation; snapshot: Snapshot } {
  const conversation = useMemo(
    () =>
      new Conversation({
        customer,
        fetchContext,
        openLine,
        keeper: browserKeeper(customer),
        newId,
        now: () => Date.now(),
      }),
    [customer],
  );
  const snapshot = useSyncExternalStore(conversation.subscribe, conversation.getSnapshot);

  useEffect(() => {
    if (entry) conversation.open(entry);
  }, [conversation, entry]);

  useEffect(() => {
    const wake = () => {
      if (document.visibilityState === 'visible') conversation.wake();
    };
    window.addEventListener('online', wake);
    document.addEventListener('visibilitychange', wake);
    return () => {
      window.removeEventListener('online', wake);
      document.removeEventListener('visibilitychange', wake);
      conversation.close();
    };
  }, [conversation]);

  return { conversation, snapshot };
}
