/** The few signs of the page, drawn here so that nothing is fetched for them. */

const PATHS = {
  bubble: 'M12 4c5 0 9 3.2 9 7.3s-4 7.3-9 7.3c-1 0-2-.1-2.9-.4L4.5 20l1.2-3.5C4 15.2 3 13.4 3 11.3 3 7.2 7 4 12 4z',
  close: 'M6 6l12 12M18 6L6 18',
  back: 'M14.5 5l-7 7 7 7',
  fresh: 'M12 5v14M5 12h14',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.6-3.6 3.6-5.5 7.5-5.5s6.9 1.9 7.5 5.5',
  order: 'M6 3.5h12v17l-3-2-3 2-3-2-3 2zM9 8.5h6M9 12.5h6',
  home: 'M4 11l8-7 8 7M6.5 9.5V20h11V9.5',
  alert: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 8v5M12 16v.2',
  down: 'M6 9l6 6 6-6',
  picture: 'M4 5.5h16v13H4zM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15.5 9.6v.2',
  tick: 'M5 12.5l4.5 4.5L19 7.5',
  gift: 'M4 9h16v4H4zM5.5 13v7h13v-7M12 9v11M12 9c-1.5-4-6-4.5-5.5-1.8C6.8 8.6 9 9 12 9zM12 9c1.5-4 6-4.5 5.5-1.8C17.2 8.6 15 9 12 9z',
  badge:
    'M12 3.5l2.3 1.7 2.9-.1.8 2.7 2.4 1.6-1 2.6 1 2.6-2.4 1.6-.8 2.7-2.9-.1L12 20.5l-2.3-1.7-2.9.1-.8-2.7L3.6 14.600l1-2.6-1-2.600L6 7.8l.8-2.7 2.9.1zM8.8 12l2.2 2.2 4.2-4.3',
  file: 'M6.5 3.5h7l4 4v13h-11zM13.5 3.5v4h4',
  next: 'M9.5 5l7 7-7 7',
} as const;

export function Icon({ name, size = 22 }: { name: keyof typeof PATHS; size?: number }) {
  return (
    <svg className="Sign" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
