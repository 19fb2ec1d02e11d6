import { describe, expect, it } from 'vitest';
import { hasKept, keepWords, keptWords, keyOf } from '../src/desk/pages/outreach/keptWords';
import { timing } from '../src/desk/pages/outreach/TodayView';
import type { Scene } from '../src/desk/pages/outreach/wire';
import type { SayOutreach } from '../src/desk/pages/outreach/words';
import type { Shelf } from '../src/desk/shelf';

function shelf(): Shelf & { rows: Map<string, string> } {
  const rows = new Map<string, string>();
  return {
    rows,
    read: (key) => rows.get(key) ?? null,
    write: (key, value) => {
      if (value === null) rows.delete(key);
      else rows.set(key, value);
    },
    keys: () => [...rows.keys()],
  };
}

describe('words that are not saved', () => {
  const key = keyOf('7', 'unpaid', 'variants.plain.text');

  it('are there again with what they were begun from', () => {
    const kept = shelf();
    keepWords(key, { before: '旧的', text: '新的' }, kept);
    expect(keptWords(key, kept)).toEqual({ before: '旧的', text: '新的' });
    expect([hasKept('7', 'unpaid', kept), hasKept('7', 'unpa', kept), hasKept('8', 'unpaid', kept)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('are forgotten when they are saved, let go, or as they were', () => {
    const kept = shelf();
    keepWords(key, { before: '旧的', text: '新的' }, kept);
    keepWords(key, { before: '旧的', text: '旧的' }, kept);
    expect(kept.rows.size).toBe(0);
    keepWords(key, { before: '旧的', text: '新的' }, kept);
    keepWords(key, null, kept);
    expect(keptWords(key, kept)).toBeNull();
  });

  it.each(['', 'nonsense', '{}', '{"text": 1, "before": "a"}', 'null'])('are not read from %j', (written) => {
    const kept = shelf();
    kept.write(key, written);
    expect(keptWords(key, kept)).toBeNull();
  });
});

describe('when a scene speaks', () => {
  const say: SayOutreach = (word, ...values) => [word, ...values].join(' ');
  const scene = { waits: { default: 1200, 工装: 900, 生鲜食品: 0 }, at: [], in_campaign: 600 } as unknown as Scene;

  it('is told in short in the list and in whole in the drawer', () => {
    expect(timing(say, scene)).toBe('after minutes 20 · byCategory · inCampaign minutes 10');
    expect(timing(say, scene, true)).toBe(
      'after minutes 20 · 工装 minutes 15 · 生鲜食品 atOnce · inCampaign minutes 10',
    );
  });
});
