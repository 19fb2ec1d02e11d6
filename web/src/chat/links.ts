/** Whose an address is. */

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether an address is this site's own; a machine that talks to itself has several names. */
export function isOwn(url: URL, here: URL): boolean {
  if (url.origin === here.origin) return true;
  return url.port === here.port && LOOPBACK.has(url.hostname) && LOOPBACK.has(here.hostname);
}
