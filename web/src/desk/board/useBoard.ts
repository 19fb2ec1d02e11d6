/** The board's figures as they change: a stream of their own, only while they are shown. */

import { useEffect, useState } from 'react';
import { BASE } from '../api';
import type { Figures } from './wire';

const AGAIN_AFTER_MS = 3_000;
const SILENT_MS = 20_000;

export interface BoardState {
  figures: Figures | null;
  lost: boolean;
}

export function useBoard(onSignedOut: () => void): BoardState {
  const [state, setState] = useState<BoardState>({ figures: null, lost: false });

  useEffect(() => {
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let watch: ReturnType<typeof setTimeout> | undefined;
    const lose = () => setState((before) => ({ ...before, lost: true }));
    const later = () => {
      lose();
      source?.close();
      clearTimeout(timer);
      timer = setTimeout(open, AGAIN_AFTER_MS);
    };
    const listen = () => {
      clearTimeout(watch);
      // A line that is silent is dead, whatever the browser thinks.
      watch = setTimeout(later, SILENT_MS);
    };
    function open() {
      const own = new EventSource(`${BASE}/board/events`);
      source = own;
      listen();
      own.addEventListener('board', ({ data }: MessageEvent<string>) => {
        listen();
        try {
          setState({ figures: JSON.parse(data) as Figures, lost: false });
        } catch {
          /* half a line; the next one is whole */
        }
      });
      own.addEventListener('signed_out', onSignedOut);
      own.addEventListener('error', () => {
        lose();
        if (own.readyState === EventSource.CLOSED) later();
      });
    }
    open();
    return () => {
      clearTimeout(timer);
      clearTimeout(watch);
      source?.close();
    };
  }, [onSignedOut]);

  return state;
}
