import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chatSettings, firstOptions, type Options, withOptions } from '../src/widget/options';
import { shelf } from '../src/widget/shelf';

const warned = () => vi.mocked(console.warn).mock.calls.map(([words]) => String(words));

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined));
afterEach(() => vi.restoreAllMocks());

const options = (data: DOMStringMap, given: object = {}): Options => firstOptions(data, given);

describe('options', () => {
  it('come from the script tag, and from the page, which has the last word', () => {
    const data = { product: 'GZ2101', color: '#07c160', position: 'left', textTitle: '小店客服', launcher: 'false' };
    expect(options(data, { position: 'right', texts: { launcher: '咨询' } })).toMatchObject({
      product: 'GZ2101',
      color: '#07c160',
      position: 'right',
      launcher: false,
      texts: { title: '小店客服', launcher: '咨询', close: '收起在线客服' },
    });
    expect(warned()).toEqual([]);
  });

  it('that are wrong are told and left out', () => {
    const wrong = { color: 'red;}', theme: 'pink', open: 'sometimes', zIndex: 'top', merchantToken: 7, nonsense: 1 };
    expect(options({}, wrong)).toEqual(options({}));
    expect(warned()).toHaveLength(5);
    expect(warned()[0]).toContain('color');
  });

  it('change one by one, and go back to the default with null', () => {
    const before = options({ product: 'A1', color: '#07c160' });
    expect(withOptions(before, { product: 'B2' })).toMatchObject({ product: 'B2', color: '#07c160' });
    expect(withOptions(before, { product: null, color: undefined })).toMatchObject({ product: null, color: null });
  });

  it('do not reach what every object has', () => {
    const given = JSON.parse('{"__proto__": {"theme": "dark"}, "constructor": 1, "toString": 2}') as object;
    expect(options({}, given)).toEqual(options({}));
  });

  it('tell the chat where the customer is, and that somebody vouches, but not the token', () => {
    const settings = (given: object) => chatSettings(options({}, given));
    expect(settings({})).toMatchObject({ entry: 'shop', voucher: 0 });
    expect(settings({ product: 'A1' })).toMatchObject({ entry: 'product', product: 'A1' });
    expect(settings({ product: 'A1', order: '42' })).toMatchObject({ entry: 'order' });
    expect(settings({ product: 'A1', entry: 'shop' })).toMatchObject({ entry: 'shop' });
    expect(JSON.stringify(settings({ merchantToken: 'a.b.c' }))).not.toContain('a.b.c');
    expect(settings({ merchantToken: () => null })).toMatchObject({ voucher: 1 });
  });
});

describe('the shelf', () => {
  class Place implements Storage {
    [key: string]: unknown;
    get length() {
      return Object.keys(this).length;
    }
    clear() {
      Object.keys(this).forEach((key) => this.removeItem(key));
    }
    key(index: number) {
      return Object.keys(this)[index] ?? null;
    }
    getItem(key: string) {
      return (this[key] as string | undefined) ?? null;
    }
    setItem(key: string, value: string) {
      this[key] = value;
    }
    removeItem(key: string) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
      delete this[key];
    }
  }

  it('touches only what is its own', () => {
    const place = new Place();
    place.setItem('cart', 'mine');
    const kept = shelf('sixty:https://desk:', () => place);
    kept.set('chat.visitor', 'token');
    expect(kept.has('chat.')).toBe(true);
    expect(place.getItem('sixty:https://desk:chat.visitor')).toBe('token');
    expect(kept.get('../cart')).toBeNull();
    kept.clear();
    expect([kept.get('chat.visitor'), kept.has('chat.'), place.getItem('cart')]).toEqual([null, false, 'mine']);
  });

  it('remembers as long as the page lives where nothing may be kept', () => {
    const kept = shelf('sixty:', () => {
      throw new DOMException('no', 'SecurityError');
    });
    kept.set('a', '1');
    expect(kept.get('a')).toBe('1');
    kept.set('a', null);
    expect(kept.get('a')).toBeNull();
    kept.set('b', '2');
    kept.clear();
    expect(kept.get('b')).toBeNull();
  });
});
