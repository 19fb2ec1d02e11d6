/** Dates and hours as they are read at a desk. */

import type { Language } from './wire';

const two = (value: number) => String(value).padStart(2, '0');

export function hour(at: string | number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The hour today, the day before that. */
export function moment(at: string | number, now: number, language: Language): string {
  const date = new Date(at);
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return hour(at);
  if (days === 1) return language === 'en' ? `Yesterday ${hour(at)}` : `昨天 ${hour(at)}`;
  const day = `${date.getMonth() + 1}-${two(date.getDate())}`;
  return date.getFullYear() === new Date(now).getFullYear() ? `${day} ${hour(at)}` : `${date.getFullYear()}-${day}`;
}

export function day(at: string | number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** 150 → "约 3 分钟". */
export function about(seconds: number, language: Language): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  return language === 'en' ? `about ${minutes} min` : `约 ${minutes} 分钟`;
}
