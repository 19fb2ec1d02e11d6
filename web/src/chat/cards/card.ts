/**
 * The cards that the bot sends, and how they are read.
 *
 * A card that this page does not know, or that lacks what it is about, is none: its message's words are shown instead.
 */

import { count, type Fields, fields, list, pictureUrl, safeUrl, text, textOrNull, words } from '../safe';

/** Something that can be tapped: its title is what the customer then says, its token what the server understands. */
export interface Choice {
  title: string;
  /** Only the server makes it; null where the title itself is said. */
  tap: string | null;
}

export interface PriceLabel {
  label: string;
  amount: string;
}

export interface ProductFields {
  no: string;
  name: string;
  picture: string | null;
  url: string | null;
  tags: string[];
  prices: PriceLabel[];
  finalPrice: string | null;
}

export interface ProductCard extends ProductFields {
  type: 'product';
}

export interface OrderLine {
  name: string;
  sku: string;
  quantity: number;
  picture: string | null;
}

export interface ParcelTrace {
  carrier: string;
  no: string;
  at: string;
  text: string;
}

export interface OrderCard {
  type: 'order';
  no: string;
  headline: string;
  lines: OrderLine[];
  paid: string | null;
  details: string[];
  nextSteps: string[];
  parcel: ParcelTrace | null;
}

export interface OrderChoice extends Choice {
  no: string;
  headline: string;
  name: string;
  picture: string | null;
}

export interface OrdersCard {
  type: 'orders';
  orders: OrderChoice[];
}

export interface BundleItem extends ProductFields {
  reason: string;
}

export interface BundleCard {
  type: 'bundle';
  title: string;
  picture: string | null;
  pictureAlt: string;
  items: BundleItem[];
  coupon: { title: string; amount: string } | null;
  bundlePrice: string | null;
  saving: string | null;
}

export interface Suggestion extends ProductFields {
  reason: string;
  difference: string | null;
  action: Choice | null;
}

export interface SuggestionsCard {
  type: 'suggestions';
  title: string;
  items: Suggestion[];
  refuse: Choice | null;
}

export interface BenefitCard {
  type: 'benefit';
  kind: 'coupon' | 'goods' | 'service';
  title: string;
  text: string;
  amount: string | null;
  until: string | null;
  granted: boolean;
  action: Choice | null;
}

export interface QrCode {
  /** Modules along one side, the quiet zone included. */
  size: number;
  path: string;
  stroked: boolean;
}

export interface OwnChannelCard {
  type: 'own_channel';
  kind: 'qr' | 'membership' | 'wechat';
  title: string;
  text: string;
  benefit: string | null;
  qr: QrCode | null;
  link: string | null;
  contact: string | null;
  action: Choice | null;
}

/** Asks how satisfied somebody was: first with scores, then with what it was about. */
export interface RatingCard {
  type: 'rating';
  title: string;
  text: string;
  scores: Choice[];
  tags: Choice[];
}

export type Card =
  ProductCard | OrderCard | OrdersCard | BundleCard | SuggestionsCard | BenefitCard | OwnChannelCard | RatingCard;

const LARGEST_QR = 200;
const LONGEST_QR_PATH = 40_000;

export function readChoice(value: unknown): Choice | null {
  const title = text(fields(value)?.title);
  return title ? { title, tap: textOrNull(fields(value)?.tap) } : null;
}

function productFields(value: unknown): ProductFields | null {
  const from = fields(value);
  if (!from || !text(from.no) || !text(from.name)) return null;
  return {
    no: text(from.no),
    name: text(from.name),
    picture: pictureUrl(from.picture),
    url: safeUrl(from.url),
    tags: words(from.tags),
    prices: list(from.prices, (price) => {
      const label = text(fields(price)?.label);
      const amount = text(fields(price)?.amount);
      return label && amount ? { label, amount } : null;
    }),
    finalPrice: textOrNull(from.final_price),
  };
}

function orderLine(value: unknown): OrderLine | null {
  const from = fields(value);
  if (!from || !text(from.name)) return null;
  const quantity = Number(from.quantity);
  return {
    name: text(from.name),
    sku: text(from.sku),
    quantity: Number.isFinite(quantity) && quantity > 0 ? quantity : 1,
    picture: pictureUrl(from.picture),
  };
}

function parcelTrace(value: unknown): ParcelTrace | null {
  const from = fields(value);
  if (!from || !(text(from.carrier) || text(from.text))) return null;
  return { carrier: text(from.carrier), no: text(from.no), at: text(from.at), text: text(from.text) };
}

function orderChoice(value: unknown): OrderChoice | null {
  const from = fields(value);
  if (!from || !text(from.no)) return null;
  return {
    no: text(from.no),
    headline: text(from.headline),
    name: text(from.name),
    picture: pictureUrl(from.picture),
    title: text(from.title) || `查订单 ${text(from.no)}`,
    tap: textOrNull(from.tap),
  };
}

function bundle(from: Fields): BundleCard | null {
  const items = list(from.items, (item): BundleItem | null => {
    const product = productFields(item);
    return product && { ...product, reason: text(fields(item)?.reason) };
  });
  if (!items.length) return null;
  const coupon = fields(from.coupon);
  return {
    type: 'bundle',
    title: text(from.title),
    picture: pictureUrl(from.picture),
    pictureAlt: text(from.picture_alt),
    items,
    coupon: coupon && text(coupon.title) ? { title: text(coupon.title), amount: text(coupon.amount) } : null,
    bundlePrice: textOrNull(from.bundle_price),
    saving: textOrNull(from.saving),
  };
}

function suggestions(from: Fields): SuggestionsCard | null {
  const items = list(from.items, (item): Suggestion | null => {
    const product = productFields(item);
    const also = fields(item);
    return (
      product && {
        ...product,
        reason: text(also?.reason),
        difference: textOrNull(also?.difference),
        action: readChoice(also?.action),
      }
    );
  });
  return items.length ? { type: 'suggestions', title: text(from.title), items, refuse: readChoice(from.refuse) } : null;
}

function benefit(from: Fields): BenefitCard | null {
  if (!text(from.title)) return null;
  const granted = from.state === 'granted';
  return {
    type: 'benefit',
    kind: from.kind === 'goods' || from.kind === 'service' ? from.kind : 'coupon',
    title: text(from.title),
    text: text(from.text),
    amount: textOrNull(from.amount),
    until: textOrNull(from.until),
    granted,
    action: granted ? null : readChoice(from.action),
  };
}

function qrCode(value: unknown, stroked: boolean): QrCode | null {
  const from = fields(value);
  const size = count(from?.size);
  const path = text(from?.path);
  // Only what draws: commands and numbers.
  if (!size || size > LARGEST_QR || path.length > LONGEST_QR_PATH) return null;
  return /^[MmHhVvLlZz\d\s.,-]+$/.test(path) ? { size, path, stroked } : null;
}

function ownChannel(from: Fields): OwnChannelCard | null {
  if (!text(from.title)) return null;
  return {
    type: 'own_channel',
    kind: from.kind === 'membership' || from.kind === 'wechat' ? from.kind : 'qr',
    title: text(from.title),
    text: text(from.text),
    benefit: textOrNull(from.benefit),
    qr: qrCode(from.qr, from.qr_stroke === true),
    link: safeUrl(from.link),
    contact: textOrNull(from.contact),
    action: readChoice(from.action),
  };
}

function rating(from: Fields): RatingCard | null {
  const scores = list(from.scores, readChoice);
  const tags = list(from.tags, readChoice);
  if (!scores.length && !tags.length) return null;
  return { type: 'rating', title: text(from.title), text: text(from.text), scores, tags };
}

export function readCard(value: unknown): Card | null {
  const from = fields(value);
  switch (from?.type) {
    case 'product': {
      const product = productFields(from);
      return product && { type: 'product', ...product };
    }
    case 'order':
      return {
        type: 'order',
        no: text(from.no),
        headline: text(from.headline),
        lines: list(from.lines, orderLine),
        paid: textOrNull(from.paid),
        details: words(from.details),
        nextSteps: words(from.next_steps),
        parcel: parcelTrace(from.parcel),
      };
    case 'orders': {
      const orders = list(from.orders, orderChoice);
      return orders.length ? { type: 'orders', orders } : null;
    }
    case 'bundle':
      return bundle(from);
    case 'suggestions':
      return suggestions(from);
    case 'benefit':
      return benefit(from);
    case 'own_channel':
      return ownChannel(from);
    case 'rating':
      return rating(from);
    default:
      return null;
  }
}

/** What a card says where it cannot be drawn. */
export function wordsOfCard(value: unknown): string | null {
  const from = fields(value);
  if (!from) return null;
  const said = [text(from.title) || text(from.name) || text(from.headline), text(from.text)].filter(Boolean);
  const link = safeUrl(from.link) ?? safeUrl(from.url);
  return [...said, ...(said.length && link ? [link] : [])].join('\n') || null;
}
