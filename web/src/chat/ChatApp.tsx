import { ConfigProvider } from '@chatui/core';
import { useEffect, useMemo, useState } from 'react';
import type { ChatSettings } from '../widget/protocol';
import { inkOn, isColor, readableOn, tint } from '../colors';
import { useMedia } from '../browser';
import { ChatPanel } from './ChatPanel';
import type { Host } from './host';
import { personOf } from './person';
import type { Entry } from './session';
import { useConversation } from './useConversation';
import { useHost } from './useHost';

/** `--card` of ground.css. */
const PAPER = { light: '#ffffff', dark: '#24272f' };

function entryOf({ entry, product, order }: Pick<ChatSettings, 'entry' | 'product' | 'order'>): Entry {
  if (entry === 'product' && product) return { kind: 'product', productNo: product };
  if (entry === 'order') return { kind: 'order', orderNo: order };
  return { kind: 'shop' };
}

/** Puts the page into the merchant's colour, light or dark. */
function useClothes({ theme, color }: ChatSettings): void {
  const prefersDark = useMedia('(prefers-color-scheme: dark)');
  const scheme = theme === 'auto' ? (prefersDark ? 'dark' : 'light') : theme;
  useEffect(() => {
    const { dataset, style } = document.documentElement;
    dataset.colorScheme = scheme;
    const clothes: Record<string, string | null> = isColor(color)
      ? {
          '--brand-1': color,
          '--on-brand': inkOn(color),
          // Its strongest tint in ground.css, under buttons and ribbons.
          '--brand-ink': readableOn(color, PAPER[scheme], tint(color, 0.2, PAPER[scheme])),
        }
      : { '--brand-1': null, '--on-brand': null, '--brand-ink': null };
    for (const [name, value] of Object.entries(clothes)) style.setProperty(name, value);
    dataset.colored = String(isColor(color));
  }, [scheme, color]);
}

interface Seat {
  /** Whose drawer it is. */
  person: string;
  customer: string | null;
}

/** Who sits here, as far as is known; null until the page around has said so. */
function useSeat(host: Host, { customer, voucher }: ChatSettings): Seat | null {
  const [seat, setSeat] = useState<Seat | null>(null);
  useEffect(() => {
    let current = true;
    void host.vouch().then((token) => {
      if (current) setSeat({ person: personOf(customer, token), customer });
    });
    return () => {
      current = false;
    };
  }, [host, customer, voucher]);
  return seat;
}

function Talk({ host, seat: { person, customer } }: { host: Host; seat: Seat }) {
  const { settings, placement } = useHost(host);
  const { entry: where, product, order } = settings;
  const entry = useMemo(() => entryOf({ entry: where, product, order }), [where, product, order]);
  const { conversation, snapshot } = useConversation(host, person, customer, entry, placement.visible);
  const { unread } = snapshot;

  useEffect(() => host.unread(unread), [host, unread]);
  useEffect(() => host.onSay((text) => conversation.say(text)), [host, conversation]);

  return (
    <ChatPanel
      conversation={conversation}
      snapshot={snapshot}
      settings={settings}
      placement={placement}
      framed={host.framed}
      onClose={() => host.close()}
      onFollow={(url) => host.follow(url)}
    />
  );
}

export function ChatApp({ host }: { host: Host }) {
  const { settings } = useHost(host);
  useClothes(settings);
  const seat = useSeat(host, settings);
  return <ConfigProvider locale="zh-CN">{seat && <Talk key={seat.person} host={host} seat={seat} />}</ConfigProvider>;
}
