/** Type-ahead: what others ask that begins, or sounds, like what is being typed. */

import { fields, list, text } from './safe';

export interface SuggestedLine {
  title: string;
  /** What is said when it is chosen. */
  text: string;
}

const LONGEST_TYPED = 64;
const MOST = 5;

export function readSuggestions(value: unknown): SuggestedLine[] {
  return list(fields(value)?.suggestions ?? value, (item) => {
    const line = text(fields(item)?.text);
    return line ? { title: text(fields(item)?.title) || line, text: line } : null;
  }).slice(0, MOST);
}

export async function fetchSuggestions(typed: string, signal: AbortSignal): Promise<SuggestedLine[]> {
  if (typed.length > LONGEST_TYPED) return [];
  const response = await fetch(`/api/suggestions?${new URLSearchParams({ q: typed }).toString()}`, {
    signal,
    credentials: 'omit',
  });
  return response.ok ? readSuggestions(await response.json()) : [];
}
