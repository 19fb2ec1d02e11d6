/**
 * What the loader on the merchant's page and the chat in its frame say to each other.
 *
 * The frame announces itself; the loader, having looked who it is, answers with one end of a message channel, and
 * everything else goes over that. Only types are here: the two are built apart.
 */

export interface Texts {
  /** The button, and what a screen reader calls the chat. */
  launcher: string;
  open: string;
  close: string;
  /** `{count}` is the number. */
  unread: string;
  title: string;
  placeholder: string;
}

/** What the chat needs to know of the page it is on. */
export interface ChatSettings {
  entry: 'shop' | 'product' | 'order';
  product: string | null;
  productName: string | null;
  productPicture: string | null;
  order: string | null;
  /** A customer of the demo shop. */
  customer: string | null;
  /** 0 where the page does not vouch for its customer; another number each time it may be for another. */
  voucher: number;
  color: string | null;
  theme: 'auto' | 'light' | 'dark';
  face: string | null;
  title: string | null;
  placeholder: string | null;
}

export interface Placement {
  visible: boolean;
  /** Covers the whole screen, as on a phone. */
  covering: boolean;
  /** Somebody opened it, so that it gets the keyboard; a chat that opens by itself does not. */
  asked: boolean;
}

export interface Ready {
  sixty: 'ready';
}

export interface Hello {
  sixty: 'hello';
  settings: ChatSettings;
  placement: Placement;
}

export type ToChat =
  | { type: 'settings'; settings: ChatSettings }
  | { type: 'placement'; placement: Placement }
  | { type: 'say'; text: string }
  | { type: 'answer'; to: number; value: string | null };

export type FromChat =
  | { type: 'load'; ask: number; key: string }
  | { type: 'vouch'; ask: number }
  | { type: 'save'; key: string; value: string | null }
  | { type: 'unread'; count: number }
  | { type: 'close' }
  | { type: 'follow'; url: string };
