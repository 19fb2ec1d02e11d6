import { describe, expect, it } from 'vitest';
import { partsOf } from '../src/chat/linkedText';
import { isZero, shortAmount, yuan } from '../src/chat/money';
import { personOf, predecessorOf } from '../src/chat/person';
import { sameEntry, sessionBody } from '../src/chat/session';
import { readSuggestions } from '../src/chat/suggestions';
import { showTime } from '../src/chat/times';
import { contrast, inkOn, isColor, luminance, readableOn, tint } from '../src/colors';
import { questionsFor } from '../src/shop/questions';
import { hrefOf, ownProduct, readRoute } from '../src/shop/route';

describe('money', () => {
  it.each([
    ['199.00', '199'],
    ['199.50', '199.5'],
    ['0.05', '0.05'],
    ['12345.00', '12,345'],
    ['-50.00', '-50'],
    ['9 折', '9 折'],
  ])('%s is shown as %s', (amount, shown) => expect(shortAmount(amount)).toBe(shown));

  it('puts the sign before the currency and leaves words alone', () => {
    expect(yuan('-50.00')).toBe('-¥50');
    expect(yuan('1299.00')).toBe('¥1,299');
    expect(yuan('包邮')).toBe('包邮');
  });

  it('knows nothing when it sees it', () => {
    expect([isZero('0.00'), isZero('0'), isZero('0.10'), isZero('10.00')]).toEqual([true, true, false, false]);
  });
});

describe('times', () => {
  const now = new Date(2026, 10, 21, 9, 5).getTime();
  it.each([
    [new Date(2026, 10, 21, 8, 3), '08:03'],
    [new Date(2026, 10, 20, 23, 59), '昨天 23:59'],
    [new Date(2026, 0, 2, 1, 2), '1月2日 01:02'],
    [new Date(2025, 11, 31, 1, 2), '2025年12月31日 01:02'],
  ])('%s is %s', (at, shown) => expect(showTime(at.getTime(), now)).toBe(shown));
});

describe('routes', () => {
  it.each([
    ['', { page: 'home' }],
    ['?entry=shop', { page: 'home' }],
    ['?entry=product&product=gz2101', { page: 'product', no: 'GZ2101' }],
    ['?product=GZ2101', { page: 'product', no: 'GZ2101' }],
    ['?entry=product', { page: 'home' }],
    ['?entry=product&product=<script>', { page: 'home' }],
    ['?entry=order', { page: 'orders', no: null }],
    ['?entry=order&order=2026111800010001', { page: 'orders', no: '2026111800010001' }],
  ])('%s', (search, route) => expect(readRoute(search)).toEqual(route));

  it.each([
    { page: 'home' } as const,
    { page: 'product', no: 'A-1' } as const,
    { page: 'orders', no: null } as const,
    { page: 'orders', no: '42' } as const,
  ])('lead back to %j', (route) => {
    expect(readRoute(new URL(hrefOf(route), 'http://shop').search)).toEqual(route);
  });

  it.each([
    ['/?entry=product&product=GZ2101', 'GZ2101'],
    ['http://localhost:8600/?entry=product&product=GZ2101', 'GZ2101'],
    ['http://localhost:8601/?entry=product&product=GZ2101', null],
    ['https://item.example.com/?product=GZ2101', null],
    ['/?entry=order', null],
    ['/other?product=GZ2101', null],
  ])('%s leads to the product page of %s', (address, no) => {
    expect(ownProduct(address, 'http://127.0.0.1:8600/?entry=order')).toBe(no);
  });
});

describe('the wish for a session', () => {
  it('names the entry and who the customer is, and never the token', () => {
    const wish = { customer: 'C001', merchantToken: 'a.b.c', current: 'secret' };
    expect(sessionBody({ ...wish, entry: { kind: 'order', orderNo: '42' } })).toEqual({
      entry: 'order',
      order: '42',
      customer: 'C001',
      merchant_token: 'a.b.c',
    });
    const nobody = { customer: null, merchantToken: null, current: null };
    expect(sessionBody({ ...nobody, entry: { kind: 'shop' } })).toEqual({ entry: 'shop' });
    expect(sessionBody({ ...nobody, entry: { kind: 'order', orderNo: null } })).toEqual({ entry: 'order' });
    expect(sessionBody({ ...nobody, entry: { kind: 'product', productNo: 'A1' } })).toEqual({
      entry: 'product',
      product: 'A1',
    });
  });

  it('tells entries apart', () => {
    expect(sameEntry({ kind: 'product', productNo: 'A' }, { kind: 'product', productNo: 'A' })).toBe(true);
    expect(sameEntry({ kind: 'product', productNo: 'A' }, { kind: 'product', productNo: 'B' })).toBe(false);
  });
});

describe('whose drawer it is', () => {
  const token = (claims: unknown) => {
    const bytes = new TextEncoder().encode(JSON.stringify(claims));
    const part = btoa(String.fromCharCode(...bytes))
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
      .replace(/=/g, '');
    return `head.${part}.sign`;
  };

  it('is told by the merchant’s token, else by the demo, else it is a visitor’s', () => {
    expect(personOf(null, token({ sub: '张三' }))).toBe('customer.张三');
    expect(personOf('C001', null)).toBe('demo.C001');
    expect(personOf(null, null)).toBe('visitor');
    for (const broken of ['', 'x', 'a.b.c', token({ sub: 7 }), token(null)])
      expect(personOf(null, broken)).toBe('visitor');
  });

  it('is taken over from a visitor by somebody who signs in, and by nobody else', () => {
    expect(['customer.7', 'demo.C001', 'visitor'].map(predecessorOf)).toEqual(['visitor', null, null]);
  });
});

describe('addresses in a line', () => {
  const urls = (line: string) => partsOf(line).flatMap(({ url }) => url ?? []);

  it.each([
    ['看这里 https://a.example/x?y=1&z=2，谢谢', ['https://a.example/x?y=1&z=2']],
    ['（http://a.example/路）', ['http://a.example/']],
    ['结尾有句号https://a.example/x.', ['https://a.example/x']],
    ['没有', []],
    ['javascript:alert(1) ftp://a.example', []],
    ['https://a.example https://b.example/c', ['https://a.example', 'https://b.example/c']],
  ])('%s', (line, found) => {
    expect(urls(line)).toEqual(found);
    expect(
      partsOf(line)
        .map(({ text }) => text)
        .join(''),
    ).toBe(line);
  });
});

describe('suggestions', () => {
  it('are read with care, and are few', () => {
    const line = { text: '什么时候发货' };
    expect(readSuggestions({ suggestions: [line, { title: '退货', text: '怎么退货' }, {}, null] })).toEqual([
      { title: '什么时候发货', text: '什么时候发货' },
      { title: '退货', text: '怎么退货' },
    ]);
    expect(readSuggestions([line])).toHaveLength(1);
    expect(readSuggestions(Array.from({ length: 20 }, (_, number) => ({ text: `${number}` })))).toHaveLength(5);
    expect([null, 'x', {}].map(readSuggestions)).toEqual([[], [], []]);
  });
});

describe('colours', () => {
  it.each(['#d1431f', '#0b57d0', '#ffd400', '#fff', '#000', '#07c160', '#8a8a8a'])(
    'on %s words can be read',
    (color) => {
      expect(contrast(luminance(color), luminance(inkOn(color)))).toBeGreaterThanOrEqual(4.5);
      for (const paper of ['#ffffff', '#24272f']) {
        const grounds = [paper, tint(color, 0.2, paper)];
        const ink = readableOn(color, ...grounds);
        for (const ground of grounds) {
          expect(contrast(luminance(ink), luminance(ground))).toBeGreaterThanOrEqual(4.5);
        }
      }
    },
  );

  it('are three or six digits, and nothing else', () => {
    expect(['#fff', '#FFd400'].map(isColor)).toEqual([true, true]);
    expect(['red', '#ffff', 'url(x)', '#fff;x', null].map(isColor)).toEqual([false, false, false, false, false]);
  });
});

describe('questions offered on a product page', () => {
  it('come from its attributes, then from its category', () => {
    expect(questionsFor({ category: '工装', attributes: [{ key: '材质' }, { key: '怪' }, { key: '厚薄' }] })).toEqual([
      '什么面料的？',
      '厚不厚？',
      '我该穿多大？',
      '到手多少钱？',
    ]);
    expect(questionsFor({ category: '文具', attributes: [] })).toEqual(['到手多少钱？', '还有货吗？']);
  });
});
