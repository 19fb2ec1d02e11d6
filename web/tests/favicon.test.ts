import { describe, expect, it } from 'vitest';
import { marked } from '../src/desk/favicon';

const ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" /></svg>\n';

describe("the window's icon", () => {
  it('is the shop’s own while nothing is unread', () => {
    expect(marked(ICON, 0)).toBe(ICON);
  });

  it.each([
    [1, '1'],
    [42, '42'],
    [99, '99'],
    [100, '99+'],
  ])('%i unread lines are shown as %s', (unread, shown) => {
    const icon = marked(ICON, unread);
    expect(icon.split('<svg').length).toBe(2);
    expect(icon).toContain(`>${shown}</text></svg>`);
  });
});
