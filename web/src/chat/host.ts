/**
 * The page that the chat is on: a merchant's, which holds it in a frame, or none, when `/chat` was opened by itself.
 *
 * A merchant's page tells what it shows, and keeps what the chat wants kept in its own storage, because a frame of
 * another site may have none. Which pages may hold the chat at all is said by the server's `frame-ancestors`.
 */

import type { ChatSettings, FromChat, Hello, Placement, Ready, ToChat } from '../widget/protocol';
import { isOwn } from './links';
import type { Store } from './keeper';

export interface Host extends Store {
  readonly settings: ChatSettings;
  readonly placement: Placement;
  /** Whether there is a page to go back to. */
  readonly framed: boolean;
  subscribe(listener: () => void): () => void;
  /** The merchant's word on who the customer is. */
  vouch(): Promise<string | null>;
  unread(count: number): void;
  close(): void;
  follow(url: string): void;
  /** What the page says in the customer's name. */
  onSay(listener: (text: string) => void): () => void;
}

const HELLO_WAIT_MS = 3_000;
const ANSWER_WAIT_MS = 15_000;

function openElsewhere(url: string): void {
  window.open(url, '_blank', 'noopener,noreferrer');
}

function everyone<T>(): { add: (listener: (value: T) => void) => () => void; call: (value: T) => void } {
  const listeners = new Set<(value: T) => void>();
  return {
    add(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    call: (value) => listeners.forEach((listener) => listener(value)),
  };
}

/** The chat in a merchant's page. */
export function framedHost(hello: Hello, origin: string, port: MessagePort): Host {
  let { settings, placement } = hello;
  let asked = 0;
  const answers = new Map<number, (value: string | null) => void>();
  const changes = everyone<undefined>();
  const says = everyone<string>();
  const waitingToBeSaid: string[] = [];
  let heardSays = false;

  const tell = (message: FromChat) => port.postMessage(message);
  const ask = (message: { type: 'load'; key: string } | { type: 'vouch' }) =>
    new Promise<string | null>((resolve) => {
      const number = ++asked;
      answers.set(number, resolve);
      tell({ ...message, ask: number });
      // A page that never answers is one without an answer.
      setTimeout(() => answers.delete(number) && resolve(null), ANSWER_WAIT_MS);
    });

  port.onmessage = ({ data }: MessageEvent<ToChat>) => {
    switch (data.type) {
      case 'settings':
        settings = data.settings;
        changes.call(undefined);
        break;
      case 'placement':
        placement = data.placement;
        changes.call(undefined);
        break;
      case 'answer':
        answers.get(data.to)?.(data.value);
        answers.delete(data.to);
        break;
      case 'say':
        if (heardSays) says.call(data.text);
        else waitingToBeSaid.push(data.text);
    }
  };

  return {
    framed: true,
    get settings() {
      return settings;
    },
    get placement() {
      return placement;
    },
    subscribe: (listener) => changes.add(listener),
    load: (key) => ask({ type: 'load', key }),
    save: (key, value) => tell({ type: 'save', key, value }),
    vouch: () => (settings.voucher ? ask({ type: 'vouch' }) : Promise.resolve(null)),
    unread: (count) => tell({ type: 'unread', count }),
    close: () => tell({ type: 'close' }),
    follow(url) {
      const target = new URL(url, window.location.href);
      // A page of the shop that holds us is opened there; any other beside it.
      if (origin !== 'null' && isOwn(target, new URL(origin))) tell({ type: 'follow', url: target.href });
      else openElsewhere(target.href);
    },
    onSay(listener) {
      const stop = says.add(listener);
      heardSays = true;
      waitingToBeSaid.splice(0).forEach((text) => says.call(text));
      return stop;
    },
  };
}

const NUMBER = /^[\w-]{1,64}$/;

/** The chat as a page of its own, told by its address what it is about. */
export function ownHost(search: string): Host {
  const query = new URLSearchParams(search);
  const number = (name: string) => {
    const value = query.get(name) ?? '';
    return NUMBER.test(value) ? value : null;
  };
  const product = number('product');
  const order = number('order');
  const theme = query.get('theme');
  const entry = query.get('entry');
  const settings: ChatSettings = {
    entry: entry === 'order' || order ? 'order' : product ? 'product' : 'shop',
    product,
    productName: null,
    productPicture: null,
    order,
    customer: number('customer'),
    voucher: 0,
    color: null,
    theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
    face: null,
    title: null,
    placeholder: null,
  };
  const placement: Placement = { visible: true, covering: false, asked: false };
  const nothing = () => () => undefined;
  // Storage may be forbidden in private windows: then the conversation lives as long as the page.
  return {
    framed: false,
    settings,
    placement,
    subscribe: nothing,
    load(key) {
      try {
        return Promise.resolve(localStorage.getItem(`sixty.${key}`));
      } catch {
        return Promise.resolve(null);
      }
    },
    save(key, value) {
      try {
        if (value === null) localStorage.removeItem(`sixty.${key}`);
        else localStorage.setItem(`sixty.${key}`, value);
      } catch {
        /* see above */
      }
    },
    vouch: () => Promise.resolve(null),
    unread: () => undefined,
    close: () => undefined,
    follow: openElsewhere,
    onSay: nothing,
  };
}

/** Announces the chat to the page that holds it, and waits for its word. */
export function findHost(): Promise<Host> {
  if (window.parent === window) return Promise.resolve(ownHost(window.location.search));
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => {
      window.removeEventListener('message', hear);
      resolve(ownHost(window.location.search));
    }, HELLO_WAIT_MS);
    function hear(event: MessageEvent<Hello | null>) {
      const port = event.ports[0];
      // Nobody but the page around us may say what we are about, and only once.
      if (event.source !== window.parent || event.data?.sixty !== 'hello' || !port) return;
      clearTimeout(giveUp);
      window.removeEventListener('message', hear);
      resolve(framedHost(event.data, event.origin, port));
    }
    window.addEventListener('message', hear);
    const ready: Ready = { sixty: 'ready' };
    // Says nothing that anybody must not know; who answers is looked at above.
    window.parent.postMessage(ready, '*');
  });
}
