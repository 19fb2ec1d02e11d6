/** How many lines are unread, on the window's icon: it is seen where the title is cut off. */

const ICON = '/icon.svg';
const MOST_SHOWN = 99;

let plain: Promise<string> | undefined;

/** The shop's icon with a number in its corner; without one for none. */
export function marked(icon: string, unread: number): string {
  if (unread <= 0) return icon;
  const shown = unread > MOST_SHOWN ? `${String(MOST_SHOWN)}+` : String(unread);
  const size = shown.length > 2 ? 18 : 24;
  const badge =
    '<circle cx="44" cy="44" r="20" fill="#1f6feb" stroke="#fff" stroke-width="3"/>' +
    `<text x="44" y="${String(44 + size * 0.36)}" font-family="sans-serif" font-size="${String(size)}" ` +
    `font-weight="700" text-anchor="middle" fill="#fff">${shown}</text>`;
  return icon.replace(/<\/svg>\s*$/, `${badge}</svg>`);
}

/** Shows it; an icon that cannot be had stays as it is. */
export async function showUnread(unread: number): Promise<void> {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!link) return;
  link.dataset.unread = String(unread);
  if (unread <= 0) {
    link.href = ICON;
    return;
  }
  plain ??= fetch(ICON).then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error('no icon'))));
  try {
    const icon = await plain;
    // Meanwhile there may be more of them, or none.
    if (link.dataset.unread === String(unread))
      link.href = `data:image/svg+xml,${encodeURIComponent(marked(icon, unread))}`;
  } catch {
    plain = undefined;
  }
}
