/**
 * `/widget.js`: puts a button and the chat in a frame on any page, with one script tag.
 *
 * It knows nothing of the chat but how to show it, and keeps for it, in the shop page's own storage, what the frame of
 * another site could not keep. See docs/widget.md.
 */

import { inkOn } from '../colors';
import { chatSettings, firstOptions, type Options, withOptions } from './options';
import type { FromChat, Hello, Ready, ToChat } from './protocol';
import { shelf } from './shelf';
import { STYLES } from './styles';

type Event = 'open' | 'close' | 'unread' | 'navigate';
type Listener = (value?: string | number) => unknown;

export interface Widget {
  readonly isOpen: boolean;
  readonly unread: number;
  open(): void;
  close(): void;
  toggle(): void;
  /** Opens the chat and says this, as the customer. */
  say(text: string): void;
  /** Changes options, as when a page shows another product without being loaded anew. */
  update(options: object): void;
  /** Forgets who spoke here; for a customer who signs out. */
  forget(): void;
  /** Calls back at `open`, `close`, `unread` (how many) and `navigate` (where to; true: taken care of). */
  on(event: Event, listener: Listener): () => void;
}

const NARROW = '(max-width: 640px), (max-height: 480px)';
const WIDE = '(min-width: 900px)';
const SVG = 'http://www.w3.org/2000/svg';
const BUBBLE =
  'M12 4c5 0 9 3.2 9 7.3s-4 7.3-9 7.3c-1 0-2-.1-2.9-.4L4.5 20l1.2-3.5C4 15.2 3 13.4 3 11.3 3 7.2 7 4 12 4z';
const DOWN = 'M6 9l6 6 6-6';

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  parent: Node,
  attributes: Record<string, string> = {},
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return parent.appendChild(made);
}

function dress(root: ShadowRoot): void {
  try {
    // Needs no permission of the shop page's content security policy, as a style element would.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    root.adoptedStyleSheets = [sheet];
  } catch {
    element('style', root).textContent = STYLES;
  }
}

function start(desk: string, first: Options): Widget {
  let options = first;
  const kept = shelf(`sixty:${desk}:`, () => localStorage);
  const visit = shelf(`sixty:${desk}:`, () => sessionStorage);
  const listeners = new Map<Event, Set<Listener>>();
  const narrow = matchMedia(NARROW);
  const dark = matchMedia('(prefers-color-scheme: dark)');

  let isOpen = false;
  let asked = false;
  let unread = 0;
  let voucher = 1;
  let port: MessagePort | null = null;
  let frame: HTMLIFrameElement | null = null;
  let toSay: string[] = [];
  let covered: { inert: HTMLElement[]; overflow: string } | null = null;

  const host = element('div', document.body, { id: 'sixty-widget' });
  const root = host.attachShadow({ mode: 'open' });
  dress(root);
  const all = element('div', root);
  const holder = element('div', all, { class: 'frame', id: 'frame', hidden: '' });
  const button = element('button', all, { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'frame' });
  const sign = button.appendChild(document.createElementNS(SVG, 'svg'));
  sign.setAttribute('viewBox', '0 0 24 24');
  sign.setAttribute('aria-hidden', 'true');
  const path = sign.appendChild(document.createElementNS(SVG, 'path'));
  const label = element('span', button, { 'aria-hidden': 'true' });
  const badge = element('b', button, { 'aria-hidden': 'true' });
  const spoken = element('div', all, { class: 'spoken', role: 'status' });

  const emit = (event: Event, value?: string | number): boolean =>
    [...(listeners.get(event) ?? [])].map((listener) => listener(value)).includes(true);
  const tell = (message: ToChat) => port?.postMessage(message);
  const covering = () => isOpen && narrow.matches;
  const placement = () => ({ visible: isOpen, covering: covering(), asked });

  function load(): void {
    if (frame) return;
    frame = element('iframe', holder, { src: `${desk}/chat`, title: options.texts.title, allow: 'clipboard-write' });
  }

  /** The rest of the page is out of reach while the chat covers it. */
  function cover(): void {
    if (covering() === (covered !== null)) return;
    if (covered) {
      covered.inert.forEach((one) => (one.inert = false));
      document.documentElement.style.overflow = covered.overflow;
      covered = null;
      return;
    }
    const others = Array.from(document.body.children).filter(
      (one): one is HTMLElement => one instanceof HTMLElement && one !== host && !one.inert,
    );
    others.forEach((one) => (one.inert = true));
    covered = { inert: others, overflow: document.documentElement.style.overflow };
    document.documentElement.style.overflow = 'hidden';
  }

  /** An opened keyboard leaves less of the screen than CSS knows of. */
  function fit(): void {
    const viewport = window.visualViewport;
    // Whoever zooms in wants to see a part of it larger, not all of it smaller.
    const seen = covering() && viewport && viewport.scale < 1.01 ? viewport : null;
    holder.style.height = seen ? `${seen.height}px` : '';
    holder.style.top = seen ? `${seen.offsetTop}px` : '';
    holder.style.bottom = seen ? 'auto' : '';
  }

  function draw(): void {
    const { texts, color, theme, position, launcher } = options;
    host.style.setProperty('--z', `${options.zIndex}`);
    host.style.setProperty('--side', `${options.side}px`);
    host.style.setProperty('--bottom', `${options.bottom}px`);
    if (color) {
      host.style.setProperty('--brand', color);
      host.style.setProperty('--on', inkOn(color));
    }
    const classes = {
      left: position === 'left',
      bare: !launcher,
      dark: theme === 'dark' || (theme === 'auto' && dark.matches),
      open: isOpen,
      covering: covering(),
    };
    all.className = Object.entries(classes)
      .flatMap(([name, on]) => (on ? name : []))
      .join(' ');
    holder.hidden = !isOpen;
    holder.setAttribute('role', covering() ? 'dialog' : 'region');
    holder.setAttribute('aria-label', texts.title);
    if (covering()) holder.setAttribute('aria-modal', 'true');
    else holder.removeAttribute('aria-modal');
    button.style.display = launcher ? '' : 'none';
    path.setAttribute('d', isOpen ? DOWN : BUBBLE);
    label.textContent = texts.launcher;
    badge.textContent = unread && !isOpen ? (unread > 99 ? '99+' : `${unread}`) : '';
    const news = unread && !isOpen ? texts.unread.replace('{count}', `${unread}`) : '';
    button.setAttribute('aria-expanded', `${isOpen}`);
    button.setAttribute('aria-label', [isOpen ? texts.close : texts.open, news].filter(Boolean).join('，'));
    if (spoken.textContent !== news) spoken.textContent = news;
    cover();
    fit();
  }

  function show(on: boolean, byHand: boolean): void {
    if (on === isOpen) return;
    const within = root.activeElement !== null;
    isOpen = on;
    asked = on && byHand;
    if (on) load();
    if (byHand) visit.set('open', on ? 'yes' : 'no');
    draw();
    tell({ type: 'placement', placement: placement() });
    if (on && byHand) frame?.focus();
    if (!on && within) button.focus();
    emit(on ? 'open' : 'close');
  }

  async function vouch(): Promise<string | null> {
    const { merchantToken } = options;
    try {
      return typeof merchantToken === 'function' ? await merchantToken() : merchantToken;
    } catch (error) {
      console.warn('Sixty: merchantToken failed; the customer is a visitor.', error);
      return null;
    }
  }

  function follow(url: string): void {
    const target = new URL(url, location.href);
    if (!/^https?:$/.test(target.protocol) || emit('navigate', target.href)) return;
    if (target.origin === location.origin) location.assign(target.href);
    else window.open(target.href, '_blank', 'noopener');
  }

  function hear(message: FromChat): void {
    switch (message.type) {
      case 'load':
        tell({ type: 'answer', to: message.ask, value: kept.get(message.key) });
        break;
      case 'vouch':
        void vouch().then((value) => tell({ type: 'answer', to: message.ask, value }));
        break;
      case 'save':
        kept.set(message.key, message.value);
        break;
      case 'unread':
        unread = message.count;
        draw();
        emit('unread', unread);
        break;
      case 'close':
        show(false, true);
        break;
      case 'follow':
        follow(message.url);
    }
  }

  window.addEventListener('message', (event: MessageEvent<Ready | null>) => {
    // Only our own frame, and only as long as our own page is in it, is given anything.
    const chat = frame?.contentWindow;
    if (!chat || event.source !== chat || event.origin !== desk || event.data?.sixty !== 'ready') return;
    const channel = new MessageChannel();
    port?.close();
    port = channel.port1;
    port.onmessage = (heard: MessageEvent<FromChat>) => hear(heard.data);
    const hello: Hello = { sixty: 'hello', settings: chatSettings(options, voucher), placement: placement() };
    chat.postMessage(hello, desk, [channel.port2]);
    toSay.forEach((text) => tell({ type: 'say', text }));
    toSay = [];
  });

  button.addEventListener('click', () => show(!isOpen, true));
  root.addEventListener('keydown', (event) => {
    if ((event as KeyboardEvent).key === 'Escape') show(false, true);
  });
  narrow.addEventListener('change', () => {
    draw();
    tell({ type: 'placement', placement: placement() });
  });
  dark.addEventListener('change', draw);
  window.visualViewport?.addEventListener('resize', fit);
  window.visualViewport?.addEventListener('scroll', fit);

  draw();
  const last = visit.get('open');
  const wanted = options.open === 'always' || (options.open === 'wide' && matchMedia(WIDE).matches);
  // A phone's whole screen is never taken without being asked.
  if (last === 'yes' ? !narrow.matches : last === null && wanted) show(true, false);
  else if (options.preload === 'always' || (options.preload === 'known' && kept.has('chat.'))) {
    if ('requestIdleCallback' in window) requestIdleCallback(load, { timeout: 4000 });
    else setTimeout(load, 1500);
  }

  return {
    get isOpen() {
      return isOpen;
    },
    get unread() {
      return unread;
    },
    open: () => show(true, true),
    close: () => show(false, true),
    toggle: () => show(!isOpen, true),
    say(text) {
      if (port) tell({ type: 'say', text });
      else toSay.push(text);
      show(true, true);
    },
    update(changed) {
      options = withOptions(options, changed);
      if ('merchantToken' in changed) voucher += 1;
      draw();
      tell({ type: 'settings', settings: chatSettings(options, voucher) });
    },
    forget() {
      port?.close();
      port = null;
      frame?.remove();
      frame = null;
      unread = 0;
      show(false, false);
      draw();
      kept.clear();
      visit.clear();
    },
    on(event, listener) {
      const heard = listeners.get(event) ?? new Set();
      listeners.set(event, heard.add(listener));
      return () => heard.delete(listener);
    },
  };
}

type Given = Record<string, unknown> & { onReady?: (widget: Widget) => void };

(() => {
  const page = window as unknown as { Sixty?: Given | Widget };
  const given = page.Sixty ?? {};
  const script = document.currentScript;
  // A page that carries the script twice has one chat.
  if ('toggle' in given || !(script instanceof HTMLScriptElement)) return;
  const options = firstOptions(script.dataset, given);
  const desk = new URL(script.src, location.href).origin;
  const begin = () => {
    const widget = start(desk, options);
    page.Sixty = widget;
    given.onReady?.(widget);
  };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin);
  else begin();
})();
