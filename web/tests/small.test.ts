import { describe, expect, it } from 'vitest';
import { contextQuery, sameEntry } from '../src/chat/context';
import { isZero, shortAmount, yuan } from '../src/chat/money';
import { showTime } from '../src/chat/times';
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

describe('the wish for a context', () => {
  it('names the entry, the customer and the conversation, and never the token', () => {
    const query = contextQuery({
      entry: { kind: 'order', orderNo: '42' },
      customer: 'C001',
      current: { conversationId: 'c', token: 'secret' },
    });
    expect(query).toBe('entry=order&order=42&customer=C001&conversation=c');
    expect(contextQuery({ entry: { kind: 'shop' }, customer: null, current: null })).toBe('entry=shop');
  });

  it('tells entries apart', () => {
    expect(sameEntry({ kind: 'product', productNo: 'A' }, { kind: 'product', productNo: 'A' })).toBe(true);
    expect(sameEntry({ kind: 'product', productNo: 'A' }, { kind: 'product', productNo: 'B' })).toBe(false);
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
