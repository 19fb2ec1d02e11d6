import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { Conversation, type Snapshot } from './conversation';
import type { Host } from './host';
import { keeperOf } from './keeper';
import { openLine } from './line';
import { personOf, predecessorOf } from './person';
import { type Entry, fetchSession } from './session';
import { uploadFile } from './upload';

function newId(): string {
  // randomUUID is there on https and localhost only, and a demo is also looked at from a phone in the same network.
  if ('randomUUID' in crypto) return crypto.randomUUID();
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The conversation of this person, open at this entry; whether they look at it is `visible`. */
export function useConversation(
  host: Host,
  person: string,
  customer: string | null,
  entry: Entry,
  visible: boolean,
): { conversation: Conversation; snapshot: Snapshot } {
  const conversation = useMemo(
    () =>
      new Conversation({
        customer,
        async merchantToken() {
          const token = await host.vouch();
          // Somebody else has signed in meanwhile, and gets a conversation of their own in a moment.
          return token !== null && personOf(customer, token) !== person ? null : token;
        },
        fetchSession,
        openLine,
        upload: uploadFile,
        preview: { of: (file) => URL.createObjectURL(file), end: (url) => URL.revokeObjectURL(url) },
        keeper: keeperOf(person, host, predecessorOf(person)),
        warn: (words) => console.warn(`Sixty: ${words}`),
        newId,
        now: () => Date.now(),
      }),
    [host, person, customer],
  );
  const snapshot = useSyncExternalStore(conversation.subscribe, conversation.getSnapshot);

  useEffect(() => conversation.open(entry), [conversation, entry]);

  useEffect(() => {
    const look = () => conversation.attend(visible && document.visibilityState === 'visible');
    const wake = () => {
      if (document.visibilityState === 'visible') conversation.wake();
    };
    const turn = () => {
      look();
      wake();
    };
    look();
    window.addEventListener('online', wake);
    document.addEventListener('visibilitychange', turn);
    return () => {
      window.removeEventListener('online', wake);
      document.removeEventListener('visibilitychange', turn);
    };
  }, [conversation, visible]);

  useEffect(() => () => conversation.close(), [conversation]);

  return { conversation, snapshot };
}
