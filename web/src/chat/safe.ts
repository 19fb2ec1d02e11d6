/** Reads what comes from the wire: a field that is missing or wrong is left out, nothing is trusted as markup. */

export type Fields = Record<string, unknown>;

export function fields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

export function list<T>(value: unknown, read: (item: unknown) => T | null): T[] {
  return Array.isArray(value) ? value.map(read).filter((item): item is T => item !== null) : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function textOrNull(value: unknown): string | null {
  return text(value) || null;
}

export function words(value: unknown): string[] {
  return list(value, textOrNull);
}

/** A whole number that is none below zero; null for everything else. */
export function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** An address that may be shown or followed: this site's own or plain http(s), never a script. */
export function safeUrl(value: unknown): string | null {
  if (typeof value !== 'string' || !value) return null;
  if (/^\/(?![/\\])/.test(value)) return value;
  try {
    const { protocol } = new URL(value);
    return protocol === 'https:' || protocol === 'http:' ? value : null;
  } catch {
    return null;
  }
}

/** A picture's address. The desk's own pictures are fetched from wherever the page came from, by whatever name. */
export function pictureUrl(value: unknown): string | null {
  const url = safeUrl(value);
  const own = url && /^https?:\/\/[^/?#]+(\/pictures\/[\w-]+\.svg)$/.exec(url);
  return own ? (own[1] ?? null) : url;
}
