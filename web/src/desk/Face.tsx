/** Somebody's sign: the end of their name on a colour that stays theirs. */

const HUES = 8;

function hueOf(id: string): number {
  let sum = 7;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return sum % HUES;
}

export function Face({ name, id, size = 34 }: { name: string; id: string; size?: number }) {
  const letters = /访客|Visitor/.test(name) ? '访' : (name.replace(/[*\s]/g, '')[0] ?? '?');
  return (
    <span className="Face" data-hue={hueOf(id)} data-size={size} aria-hidden="true">
      {letters}
    </span>
  );
}
