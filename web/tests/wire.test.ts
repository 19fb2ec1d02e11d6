import { describe, expect, it } from 'vitest';
import { readCard, wordsOfCard } from '../src/chat/cards/card';
import { safeUrl } from '../src/chat/safe';
import { isShown, readMessage } from '../src/chat/wire';

const PRODUCT = {
  type: 'product',
  no: 'GZ2101',
  name: '工装裤',
  picture: '/pictures/GZ2101.svg',
  final_price: '199.00',
};
const HEAD = { id: 7, author: 'bot', at: '2026-11-22T03:00:00+00:00' };

describe('readMessage', () => {
  it('reads text and capsules', () => {
    expect(readMessage({ ...HEAD, text: ' 您好～ ', capsules: [{ title: '查订单', tap: '7.0.mac' }] })).toEqual({
      id: 7,
      author: 'bot',
      speaker: null,
      at: Date.UTC(2026, 10, 22, 3),
      clientId: null,
      text: '您好～',
      card: null,
      image: null,
      attachment: null,
      capsules: [{ title: '查订单', tap: '7.0.mac' }],
    });
  });

  it('never takes a payload for a token', () => {
    const message = readMessage({ ...HEAD, capsules: [{ title: '查订单', payload: '/restart' }, { tap: 'x' }] });
    expect(message?.capsules).toEqual([{ title: '查订单', tap: null }]);
  });

  it.each([
    null,
    'text',
    [],
    {},
    { ...HEAD, id: 0 },
    { ...HEAD, id: '7' },
    { ...HEAD, id: 1.5 },
    { ...HEAD, author: 'x' },
  ])('leaves out what has no place in a conversation: %j', (raw) => expect(readMessage(raw)).toBeNull());

  it('knows what there is to look at', () => {
    const shown = (more: object) => {
      const message = readMessage({ ...HEAD, ...more });
      return message !== null && isShown(message);
    };
    expect(
      [{}, { text: '' }, { text: {} }, { card: { type: 'product' } }, { capsules: [{ title: 'x' }] }].map(shown),
    ).toEqual([false, false, false, false, false]);
    expect([{ text: 'x' }, { card: PRODUCT }, { image: '/a.png' }, { attachment: { url: '/a' } }].map(shown)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('reads what was sent along', () => {
    const attachment = { id: 'u', url: '/api/uploads/u?key=k', kind: 'picture', name: 'a.png', size: 3 };
    expect(readMessage({ ...HEAD, attachment })?.attachment).toEqual({
      url: '/api/uploads/u?key=k',
      kind: 'picture',
      name: 'a.png',
      size: 3,
    });
    expect(
      readMessage({ ...HEAD, attachment: { url: 'https://a.example/x', kind: 'elephant' } })?.attachment?.kind,
    ).toBe('file');
    expect(readMessage({ ...HEAD, attachment: { url: 'javascript:alert(1)' } })?.attachment).toBeNull();
    expect(readMessage({ ...HEAD, image: { url: '/x.png', alt: '尺码表' } })?.image).toEqual({
      url: '/x.png',
      alt: '尺码表',
    });
  });

  it('says in words what a card that it does not know is about', () => {
    const card = { type: 'horoscope', title: '今日运势', text: '宜购物', link: 'https://a.example/x' };
    expect(readMessage({ ...HEAD, card })).toMatchObject({ card: null, text: '今日运势\n宜购物\nhttps://a.example/x' });
    expect(readMessage({ ...HEAD, card, text: '给您看看' })).toMatchObject({ card: null, text: '给您看看' });
    expect(wordsOfCard({ link: 'https://a.example' })).toBeNull();
    expect(wordsOfCard({ type: 'x', title: 'a', url: 'javascript:x' })).toBe('a');
  });
});

describe('cards', () => {
  it('leave out what is wrong in a product', () => {
    const card = { ...PRODUCT, url: 'javascript:alert(1)', tags: ['现货', null], prices: [{ label: '原价' }, 7] };
    expect(readCard(card)).toEqual({
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

  it('fetch the pictures of the shop from where the page came from', () => {
    const picture = (address: string) => readCard({ ...PRODUCT, picture: address });
    expect(picture('http://localhost:8600/pictures/GZ2101.svg')).toMatchObject({ picture: '/pictures/GZ2101.svg' });
    expect(picture('https://img.example/a.jpg')).toMatchObject({ picture: 'https://img.example/a.jpg' });
  });

  it('show an order with and without a parcel', () => {
    const order = { type: 'order', no: '1', headline: '已付款', lines: [{ name: '裤', quantity: 'x' }], parcel: null };
    expect(readCard(order)).toMatchObject({ parcel: null, paid: null, nextSteps: [], lines: [{ quantity: 1 }] });
    const parcel = { carrier: '中通快递', no: '7', at: '今天', text: '派送中' };
    expect(readCard({ ...order, parcel })).toMatchObject({ parcel });
  });

  it('show a choice of orders, and a bundle', () => {
    expect(
      readCard({ type: 'orders', orders: [{ no: '123', tap: 't' }, { no: '4', payload: '/x' }, {}] }),
    ).toMatchObject({
      orders: [
        { no: '123', title: '查订单 123', tap: 't' },
        { no: '4', tap: null },
      ],
    });
    const bundle = { type: 'bundle', items: [{ ...PRODUCT, reason: '好配' }], coupon: null, saving: '30.00' };
    expect(readCard({ ...bundle, picture: '/whole.png', picture_alt: '一整套' })).toMatchObject({
      items: [{ no: 'GZ2101', reason: '好配' }],
      coupon: null,
      saving: '30.00',
      bundlePrice: null,
      picture: '/whole.png',
      pictureAlt: '一整套',
    });
    expect(readCard({ type: 'bundle', items: [] })).toBeNull();
  });

  it('show suggestions with their reasons', () => {
    const item = { ...PRODUCT, reason: '耐脏', difference: '再加¥20.00', action: { title: '看这款', tap: 't' } };
    expect(
      readCard({ type: 'suggestions', title: '给您挑的', items: [item, {}], refuse: { title: '换一批', tap: 'r' } }),
    ).toMatchObject({
      title: '给您挑的',
      items: [{ no: 'GZ2101', reason: '耐脏', difference: '再加¥20.00', action: { title: '看这款', tap: 't' } }],
      refuse: { title: '换一批', tap: 'r' },
    });
    expect(readCard({ type: 'suggestions', items: [PRODUCT] })).toMatchObject({
      items: [{ reason: '', action: null }],
      refuse: null,
    });
    expect(readCard({ type: 'suggestions', items: [] })).toBeNull();
  });

  it('give a benefit only as long as it is offered', () => {
    const benefit = {
      type: 'benefit',
      kind: 'coupon',
      title: '满200减20',
      amount: '20.00',
      action: { title: '帮我领', tap: 't' },
    };
    expect(readCard({ ...benefit, state: 'offered' })).toMatchObject({ granted: false, action: { tap: 't' } });
    expect(readCard({ ...benefit, state: 'granted' })).toMatchObject({ granted: true, action: null });
    expect(readCard({ ...benefit, kind: 'yacht' })).toMatchObject({ kind: 'coupon' });
    expect(readCard({ type: 'benefit' })).toBeNull();
  });

  it('draw a code from numbers only', () => {
    const card = {
      type: 'own_channel',
      kind: 'qr',
      title: '加店铺顾问',
      qr: { size: 33, path: 'M4 4.5h7v1z' },
      qr_stroke: true,
    };
    expect(readCard(card)).toMatchObject({ qr: { size: 33, path: 'M4 4.5h7v1z', stroked: true }, link: null });
    for (const qr of [
      { size: 33, path: '"/><script>' },
      { size: 0, path: 'M1 1' },
      { size: 9999, path: 'M1 1' },
      { size: 33 },
      7,
    ]) {
      expect(readCard({ ...card, qr })).toMatchObject({ qr: null });
    }
    expect(readCard({ ...card, link: 'javascript:alert(1)' })).toMatchObject({ link: null });
    expect(readCard({ type: 'own_channel' })).toBeNull();
  });

  it.each([null, 'x', {}, { type: 'unheard' }, { type: 'product' }])('%j is none', (raw) =>
    expect(readCard(raw)).toBeNull(),
  );
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
