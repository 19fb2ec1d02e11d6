/** Figures as they are read: times, shares, scores, and how they differ from before. */

import type { AlarmNow } from './wire';

export const NONE = '–';

/** 75 → "1:15", 3700 → "1:01:40". */
export function span(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NONE;
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** 12.4 → "12s", 75 → "1:15"; for the wall, where a plain number of seconds is read faster. */
export function brief(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return NONE;
  return seconds < 100 ? `${Math.round(seconds)}s` : span(seconds);
}

export function percent(share: number | null | undefined, digits = 0): string {
  return share === null || share === undefined ? NONE : `${(share * 100).toFixed(digits)}%`;
}

export function score(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : value.toFixed(2);
}

export type Better = 'more' | 'less' | 'neither';

export interface Difference {
  words: string;
  good: boolean | null;
}

/** How today differs from yesterday: in per cent, or in points where both are shares. */
export function difference(
  now: number | null,
  before: number | null,
  better: Better,
  form: 'share' | 'ratio' | 'score',
): Difference | null {
  if (now === null || before === null) return null;
  if (form === 'ratio' && before === 0) return null;
  const change = form === 'ratio' ? (now - before) / before : now - before;
  const size = form === 'score' ? change.toFixed(2) : `${(change * 100).toFixed(0)}${form === 'share' ? 'pt' : '%'}`;
  const isSame = /^-?0(\.00)?(pt|%)?$/.test(size);
  const good = isSame || better === 'neither' ? null : better === 'more' ? change > 0 : change < 0;
  return { words: isSame ? '=' : `${change > 0 ? '↑' : '↓'} ${size.replace('-', '')}`, good };
}

const TIMED = new Set(['longest_wait', 'first_response', 'agent_silent']);

/** What an alarm has measured, as it is read. */
export function measured(alarm: Pick<AlarmNow, 'what' | 'measured'>): string {
  if (TIMED.has(alarm.what)) return span(alarm.measured);
  return alarm.what === 'low_score' ? score(alarm.measured) : String(Math.round(alarm.measured));
}
