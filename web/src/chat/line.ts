/** The line to the bot: one Socket.IO connection, narrowed to what a conversation needs of it. */

import { io } from 'socket.io-client';

export interface Utterance {
  id: string;
  conversationId: string;
  message: string;
  token: string;
}

export interface LineEvents {
  connected(): void;
  lost(): void;
  /** The server put us into the room of this conversation. */
  confirmed(): void;
  replied(reply: unknown): void;
}

export interface Line {
  requestSession(conversationId: string, token: string): void;
  /** Acknowledged means that the server has it; or that it will not have it. */
  utter(utterance: Utterance, acknowledged: (accepted: boolean) => void): void;
  /** Tries to connect now instead of at the next turn. */
  hurry(): void;
  close(): void;
}

export function openLine(url: string, events: LineEvents): Line {
  const socket = io(url, {
    path: '/socket.io',
    // A web socket first: it needs no sticky sessions. Polling where a proxy lets none through.
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5000,
    timeout: 8000,
  });
  let reopening: number | undefined;

  socket.on('connect', () => events.connected());
  socket.on('connect_error', () => events.lost());
  socket.on('disconnect', (reason) => {
    events.lost();
    // Socket.IO does not come back by itself after the server hung up, as it does when it restarts in an orderly way.
    if (reason === 'io server disconnect') reopening = window.setTimeout(() => socket.connect(), 1000);
  });
  socket.on('session_confirm', () => events.confirmed());
  socket.on('bot_uttered', (reply: unknown) => events.replied(reply));

  return {
    requestSession(conversationId, token) {
      socket.emit('session_request', { session_id: conversationId, metadata: { context: token } });
    },
    utter({ id, conversationId, message, token }, acknowledged) {
      socket.emit(
        'user_uttered',
        { session_id: conversationId, message, metadata: { context: token }, id },
        (answer?: { ok?: unknown }) => acknowledged(answer?.ok !== false),
      );
    },
    hurry() {
      if (!socket.connected) socket.connect();
    },
    close() {
      window.clearTimeout(reopening);
      socket.removeAllListeners();
      socket.disconnect();
    },
  };
}
