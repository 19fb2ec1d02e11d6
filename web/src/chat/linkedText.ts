/** Finds the addresses in a line. */

import { safeUrl } from './safe';

export interface Part {
  text: string;
  url: string | null;
}

// An address ends where Chinese begins, and does not take the sentence's last mark with it.
const ADDRESS = /https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+[\w\-~/#=&%]/g;

export function partsOf(line: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const match of line.matchAll(ADDRESS)) {
    const url = safeUrl(match[0]);
    if (!url) continue;
    if (match.index > at) parts.push({ text: line.slice(at, match.index), url: null });
    parts.push({ text: match[0], url });
    at = match.index + match[0].length;
  }
  if (at < line.length) parts.push({ text: line.slice(at), url: null });
  return parts;
}
