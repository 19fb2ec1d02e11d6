/** Which list a conversation stands in, and in which order. */

import type { Box, Chat } from '../wire';

export const BOXES: readonly Box[] = ['queue', 'left', 'mine', 'all', 'done'];

export function isIn(chat: Chat, box: Box, agent: string | null): boolean {
  const taken = chat.hand_off_state === 'taken' && chat.state !== 'bot' && chat.state !== 'closed';
  switch (box) {
    case 'queue':
      return chat.hand_off_state === 'queued';
    case 'left':
      return chat.hand_off_state === 'left';
    case 'mine':
      return taken && agent !== null && chat.agent?.id === agent;
    case 'all':
      return taken;
    case 'done':
      return chat.hand_off_state === 'closed';
  }
}

export function inOrder(chats: readonly Chat[], box: Box): Chat[] {
  return [...chats].sort(COMPARE[box]);
}

const at = (iso: string | null | undefined) => (iso ? Date.parse(iso) : 0);
const LAST = Number.MAX_SAFE_INTEGER;

type Compare = (one: Chat, other: Chat) => number;

const byTurn: Compare = (one, other) => {
  const [first, second] = [one, other].map((chat) => (chat.waiting_since ? at(chat.waiting_since) : LAST)) as [
    number,
    number,
  ];
  return first - second || at(other.last?.at) - at(one.last?.at);
};

const COMPARE: Readonly<Record<Box, Compare>> = {
  queue: (one, other) =>
    (one.position ?? LAST) - (other.position ?? LAST) ||
    other.priority - one.priority ||
    at(one.queued_at) - at(other.queued_at),
  left: (one, other) => at(one.queued_at) - at(other.queued_at),
  mine: byTurn,
  all: byTurn,
  done: (one, other) => at(other.ended_at) - at(one.ended_at),
};
