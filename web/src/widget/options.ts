/** What a merchant may set, in the script tag's data attributes or in `window.Sixty` before the script. */

import { isColor } from '../colors';
import type { ChatSettings, Texts } from './protocol';

export type MerchantToken = string | null | (() => string | null | Promise<string | null>);

export interface Options {
  entry: 'shop' | 'product' | 'order' | null;
  product: string | null;
  productName: string | null;
  productPicture: string | null;
  order: string | null;
  customer: string | null;
  merchantToken: MerchantToken;
  color: string | null;
  theme: 'auto' | 'light' | 'dark';
  position: 'right' | 'left';
  /** When the chat opens by itself: never, on wide screens, or always. What the customer did last outweighs it. */
  open: 'closed' | 'wide' | 'always';
  /** When the chat is loaded before it is opened: only to go on with a conversation, or always, or never. */
  preload: 'known' | 'always' | 'never';
  /** Whether there is a button; without one, `Sixty.open()` opens the chat. */
  launcher: boolean;
  /** The button's distance from the edges, in pixels; for pages that have a bar of their own down there. */
  side: number;
  bottom: number;
  zIndex: number;
  face: string | null;
  texts: Texts;
}

export const TEXTS: Texts = {
  launcher: '客服',
  open: '打开在线客服',
  close: '收起在线客服',
  unread: '{count} 条新消息',
  title: '在线客服',
  placeholder: '想问什么都可以…',
};

const DEFAULTS: Options = {
  entry: null,
  product: null,
  productName: null,
  productPicture: null,
  order: null,
  customer: null,
  merchantToken: null,
  color: null,
  theme: 'auto',
  position: 'right',
  open: 'closed',
  preload: 'known',
  launcher: true,
  side: 20,
  bottom: 20,
  zIndex: 2147483000,
  face: null,
  texts: TEXTS,
};

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  entry: ['shop', 'product', 'order'],
  theme: ['auto', 'light', 'dark'],
  position: ['right', 'left'],
  open: ['closed', 'wide', 'always'],
  preload: ['known', 'always', 'never'],
};

function wrong(name: string, value: unknown, expected: string): null {
  console.warn(`Sixty: ${name} is ${JSON.stringify(value)}, expected ${expected}; it is left out.`);
  return null;
}

/** One option as it may stand there; null for one that is wrong, undefined for one that does not exist. */
function checked(name: string, value: unknown): unknown {
  const choices = CHOICES[name];
  if (choices) return choices.includes(value as string) ? value : wrong(name, value, choices.join(', '));
  switch (name) {
    case 'product':
    case 'productName':
    case 'productPicture':
    case 'order':
    case 'customer':
    case 'face':
      return typeof value === 'string' || typeof value === 'number' ? `${value}` : wrong(name, value, 'a text');
    case 'merchantToken':
      return typeof value === 'string' || typeof value === 'function'
        ? value
        : wrong(name, value, 'a text, a function');
    case 'color':
      return typeof value === 'string' && isColor(value) ? value : wrong(name, value, 'a colour such as #d1431f');
    case 'launcher':
      return value !== false && value !== 'false';
    case 'side':
    case 'bottom':
    case 'zIndex':
      return Number.isInteger(Number(value)) ? Number(value) : wrong(name, value, 'a whole number');
    default:
      return undefined;
  }
}

/** Puts given options over those that hold. An option that is given as null goes back to its default. */
export function withOptions(before: Options, given: object): Options {
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(given) as [string, unknown][]) {
    if (name === 'texts' && value && typeof value === 'object') {
      const texts = Object.entries(value).filter(
        ([key, words]) => Object.keys(TEXTS).includes(key) && typeof words === 'string',
      );
      after.texts = { ...before.texts, ...(Object.fromEntries(texts) as Partial<Texts>) };
    } else if (Object.keys(DEFAULTS).includes(name) && name !== 'texts') {
      const defaults = DEFAULTS as unknown as Record<string, unknown>;
      after[name] = (value == null || value === '' ? null : checked(name, value)) ?? defaults[name];
    }
  }
  return after as unknown as Options;
}

/** The options of a script tag: `data-merchant-token`, `data-text-title` and so on. */
export function optionsOfTag(data: DOMStringMap): object {
  const texts: Record<string, string> = {};
  const options: Record<string, unknown> = { texts };
  for (const [name, value] of Object.entries(data)) {
    if (/^text[A-Z]/.test(name)) texts[name.charAt(4).toLowerCase() + name.slice(5)] = value ?? '';
    else options[name] = value;
  }
  return options;
}

export function firstOptions(data: DOMStringMap, given: object): Options {
  return withOptions(withOptions(DEFAULTS, optionsOfTag(data)), given);
}

/** What the chat in the frame is told of them; `voucher` grows with each merchant token that is given. */
export function chatSettings(options: Options, voucher = 1): ChatSettings {
  const { product, order, texts } = options;
  return {
    entry: options.entry ?? (order ? 'order' : product ? 'product' : 'shop'),
    product,
    productName: options.productName,
    productPicture: options.productPicture,
    order,
    customer: options.customer,
    voucher: options.merchantToken === null ? 0 : voucher,
    color: options.color,
    theme: options.theme,
    face: options.face,
    title: texts.title,
    placeholder: texts.placeholder,
  };
}
