/**
 * What the bot sends, and how it is read.
 *
 * Everything from the wire (and from the browser's storage) is read defensively: a field that is missing or wrong is
 * left out, a message with nothing to show is dropped, and nothing is ever trusted as markup or as a script address.
 */

export interface Capsule {
  title: string;
  payload: string;
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

export interface OrderChoice {
  no: string;
  headline: string;
  name: string;
  picture: string | null;
  payload: string;
  title: string;
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
  items: BundleItem[];
  coupon: { title: string; amount: string } | null;
  bundlePrice: string | null;
  saving: string | null;
}

export type Card = ProductCard | OrderCard | OrdersCard | BundleCard;

export interface Reply {
  /** The server's own id of the reply, when it gives one; the same reply delivered twice is shown once. */
  id: string | null;
  text: string | null;
  card: Card | null;
  capsules: Capsule[];
}

type Fields = Record<string, unknown>;

function fields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function list<T>(value: unknown, read: (item: unknown) => T | null): T[] {
  return Array.isArray(value) ? value.map(read).filter((item): item is T => item !== null) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function textOrNull(value: unknown): string | null {
  return text(value) || null;
}

function words(value: unknown): string[] {
  return list(value, textOrNull);
}

/** An address that may be shown or followed: this site's own or plain http(s), never a script. */
export function safeUrl(value: unknown): string | null {
  if (typeof value !== 'string' || !value) return null;
  if (/^\/(?![/\\])/.test(value)) return value;
  try {
    const { protocol } = new URL(value);
    return protocol === 'https:' || protocol === 'http:' ? value : null;
  } catch {
    return null;
  }
}

/** A picture's address. The shop's own pictures are fetched from wherever the page came from, by whatever name. */
function pictureUrl(value: unknown): string | null {
  const url = safeUrl(value);
  const own = url && /^https?:\/\/[^/?#]+(\/pictures\/[\w-]+\.svg)$/.exec(url);
  return own ? (own[1] ?? null) : url;
}

function capsule(value: unknown): Capsule | null {
  const title = text(fields(value)?.title);
  return title ? { title, payload: text(fields(value)?.payload) || title } : null;
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
  const title = text(from.title) || `查订单 ${text(from.no)}`;
  return {
    no: text(from.no),
    headline: text(from.headline),
    name: text(from.name),
    picture: pictureUrl(from.picture),
    payload: text(from.payload) || title,
    title,
  };
}

function card(value: unknown): Card | null {
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
    case 'bundle': {
      const items = list(from.items, (item): BundleItem | null => {
        const product = productFields(item);
        return product && { ...product, reason: text(fields(item)?.reason) };
      });
      const coupon = fields(from.coupon);
      return items.length
        ? {
            type: 'bundle',
            title: text(from.title),
            items,
            coupon: coupon && text(coupon.title) ? { title: text(coupon.title), amount: text(coupon.amount) } : null,
            bundlePrice: textOrNull(from.bundle_price),
            saving: textOrNull(from.saving),
          }
        : null;
    }
    default:
      return null;
  }
}

/** Reads one `bot_uttered`; null when there is nothing in it that could be shown. */
export function readReply(value: unknown): Reply | null {
  const from = fields(value);
  if (!from) return null;
  const reply: Reply = {
    id: textOrNull(from.id),
    text: textOrNull(from.text)?.trim() ?? null,
    card: card(from.card),
    capsules: list(from.buttons, capsule),
  };
  return reply.text || reply.card || reply.capsules.length ? reply : null;
}
