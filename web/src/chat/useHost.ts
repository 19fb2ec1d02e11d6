import { useCallback, useSyncExternalStore } from 'react';
import type { ChatSettings, Placement } from '../widget/protocol';
import type { Host } from './host';

/** What the page around the chat says, as it stands. */
export function useHost(host: Host): { settings: ChatSettings; placement: Placement } {
  const subscribe = useCallback((listener: () => void) => host.subscribe(listener), [host]);
  const settings = useSyncExternalStore(subscribe, () => host.settings);
  const placement = useSyncExternalStore(subscribe, () => host.placement);
  return { settings, placement };
}
