/** The merchant's colour, and what can be read on it. */

const COLOR = /^#([\da-f]{3}|[\da-f]{6})$/i;

function channels(color: string): [number, number, number] {
  const digits = color.length === 4 ? color.replace(/[^#]/g, '$&$&') : color;
  return [1, 3, 5].map((at) => parseInt(digits.slice(at, at + 2), 16)) as [number, number, number];
}

/** Relative luminance after WCAG 2.1, from 0 to 1. */
export function luminance(color: string): number {
  const [red, green, blue] = channels(color).map((value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** The contrast that WCAG 2.1 AA asks for. */
const READABLE = 4.5;
const DARK_INK = '#1d1d1f';

/** White or dark ink, whichever is read better on the colour. */
export function inkOn(color: string): string {
  const ground = luminance(color);
  return contrast(ground, 1) >= contrast(ground, luminance(DARK_INK)) || contrast(ground, 1) >= READABLE
    ? '#fff'
    : DARK_INK;
}

/** So much of a colour laid over a ground. */
export function tint(color: string, share: number, ground: string): string {
  const below = channels(ground);
  const mixed = channels(color).map((value, index) => Math.round(value * share + (below[index] ?? 0) * (1 - share)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** The colour made darker or lighter until words in it can be read on all of these grounds. */
export function readableOn(color: string, ...grounds: string[]): string {
  const end = luminance(grounds[0] ?? '#ffffff') > 0.5 ? '#000000' : '#ffffff';
  for (let share = 0; share < 1; share += 0.05) {
    const tried = tint(end, share, color);
    if (grounds.every((ground) => contrast(luminance(tried), luminance(ground)) >= READABLE)) return tried;
  }
  return end;
}

export function isColor(value: string | null): value is string {
  return value !== null && COLOR.test(value);
}
