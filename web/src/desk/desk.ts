/** How the pages get at the workbench. */

import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Snapshot, Talk, Workbench } from './workbench';

export const DeskContext = createContext<Workbench | null>(null);

export function useDesk(): Workbench {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('outside the workbench');
  return desk;
}

/** A part of the state; what it picks must be the same object while it is the same thing. */
export function useSnapshot<T>(pick: (snapshot: Snapshot) => T): T {
  const desk = useDesk();
  return useSyncExternalStore(desk.subscribe, () => pick(desk.getSnapshot()));
}

export function useTalk(chat: string): Talk | undefined {
  return useSnapshot((snapshot) => snapshot.talks[chat]);
}

export function usePermission(name: string): boolean {
  return useSnapshot((snapshot) => snapshot.me.permissions.includes(name));
}
