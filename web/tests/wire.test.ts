import { describe, expect, it } from 'vitest';
import { readReply, safeUrl } from '../src/chat/wire';

const PRODUCT = {
  type: 'product',
  no: 'GZ2101',
  name: '工装裤',
  picture: '/pictures/GZ2101.svg',
  final_price: '199.00',
};

describe('readReply', () => {
  it('reads text and capsules', () => {
    expect(readReply({ text: ' 您好～ ', buttons: [{ title: '查订单', payload: '/track_order' }] })).toEqual({
      id: null,
      text: '您好～',
      card: null,
      capsules: [{ title: '查订单', payload: '/track_order' }],
    });
  });

  it('gives a capsule without a payload its title to send', () => {
    expect(readReply({ buttons: [{ title: '什么面料' }] })?.capsules).toEqual([
      { title: '什么面料', payload: '什么面料' },
    ]);
  });

  it.each([
    null,
    'text',
    [],
    {},
    { text: '' },
    { text: {} },
    { card: { type: 'unheard' } },
    { card: { type: 'product' } },
  ])('drops what has nothing to show: %j', (raw) => expect(readReply(raw)).toBeNull());

  it('reads a product card and leaves out what is wrong in it', () => {
    const reply = readReply({
      card: { ...PRODUCT, url: 'javascript:alert(1)', tags: ['现货', null], prices: [{ label: '原价' }, 7] },
    });
    expect(reply?.card).toEqual({
      type: 'product',
      no: 'GZ2101',
      name: '工装裤',
      picture: '/pictures/GZ2101.svg',
      url: null,
      tags: ['现货'],
      prices: [],
      finalPrice: '199.00',
    });
  });

  it('fetches the pictures of the shop from where the page came from', () => {
    const picture = (address: string) => readReply({ card: { ...PRODUCT, picture: address } })?.card;
    expect(picture('http://localhost:8600/pictures/GZ2101.svg')).toMatchObject({ picture: '/pictures/GZ2101.svg' });
    expect(picture('https://img.example/a.jpg')).toMatchObject({ picture: 'https://img.example/a.jpg' });
  });

  it('reads an order with and without a parcel', () => {
    const order = { type: 'order', no: '1', headline: '已付款', lines: [{ name: '裤', quantity: 'x' }], parcel: null };
    expect(readReply({ card: order })?.card).toMatchObject({
      parcel: null,
      paid: null,
      nextSteps: [],
      lines: [{ quantity: 1 }],
    });
    const parcel = { carrier: '中通快递', no: '7', at: '今天', text: '派送中' };
    expect(readReply({ card: { ...order, parcel } })?.card).toMatchObject({ parcel });
  });

  it('reads a choice of orders and a bundle', () => {
    expect(readReply({ card: { type: 'orders', orders: [{ no: '123' }, {}] } })?.card).toMatchObject({
      orders: [{ no: '123', title: '查订单 123', payload: '查订单 123' }],
    });
    expect(
      readReply({ card: { type: 'bundle', items: [{ ...PRODUCT, reason: '好配' }], coupon: null, saving: '30.00' } })
        ?.card,
    ).toMatchObject({ items: [{ no: 'GZ2101', reason: '好配' }], coupon: null, saving: '30.00', bundlePrice: null });
  });
});

describe('safeUrl', () => {
  it.each(['/pictures/a.svg', 'https://item.example.com/1', 'http://localhost/x'])('lets %s', (url) =>
    expect(safeUrl(url)).toBe(url),
  );
  it.each([
    'javascript:alert(1)',
    ' javascript:x',
    'data:text/html,x',
    '//evil.example',
    '/\\evil.example',
    'x',
    '',
    3,
  ])('refuses %s', (url) => expect(safeUrl(url)).toBeNull());
});
