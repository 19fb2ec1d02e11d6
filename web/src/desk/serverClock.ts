/** The server's time, by which all clocks of the page go; the agent's own may be wrong by hours. */

import { useSyncExternalStore } from 'react';

let ahead = 0;

export function setServerTime(iso: string, now = Date.now()): void {
  const told = Date.parse(iso);
  if (!Number.isNaN(told)) ahead = told - now;
}

export function serverNow(): number {
  return Date.now() + ahead;
}

let second = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) {
    timer = setInterval(() => {
      second = Math.floor(serverNow() / 1000);
      listeners.forEach((each) => each());
    }, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (!listeners.size) clearInterval(timer);
  };
}

/** The present moment in milliseconds; whoever asks is drawn again each second. */
export function useServerNow(): number {
  return useSyncExternalStore(subscribe, () => second || (second = Math.floor(serverNow() / 1000))) * 1000;
}

/** 45 → "0:45", 754 → "12:34", 7300 → "2:01:40". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
