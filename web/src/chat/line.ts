/** The line to the bot: one Socket.IO connection, narrowed to what a conversation needs of it. */

import { io } from 'socket.io-client';
import { fields, text } from './safe';

/** What a customer says: a line, a tapped choice, something uploaded, or that the chat was opened. */
export type Speech = { text: string } | { tap: string } | { attachment: string } | { opened: true };

export interface LineEvents {
  connected(): void;
  lost(): void;
  /** The server will not have our token; the line waits for `hurry` with another. */
  refused(code: string): void;
  message(message: unknown): void;
  typing(typing: unknown): void;
  marks(marks: unknown): void;
  state(state: unknown): void;
}

export interface Line {
  /** Asks for what was said after a message, or before one; after 0, for the last of it. */
  open(place: { after: number } | { before: number }, answered: (answer: unknown) => void): void;
  say(id: string, speech: Speech, answered: (answer: unknown) => void): void;
  read(to: number): void;
  typing(on: boolean): void;
  renew(token: string, answered: (answer: unknown) => void): void;
  /** Tries to connect now instead of at the next turn. */
  hurry(): void;
  /** Hangs up and connects again; for a line that only seems to be up. */
  restart(): void;
  close(): void;
}

/** Opens the line; the token is asked for at every connection. */
export function openLine(url: string, token: () => string, events: LineEvents): Line {
  const socket = io(url, {
    path: '/socket.io',
    // A web socket first: it needs no sticky sessions. Polling where a proxy lets none through.
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    auth: (give) => give({ token: token() }),
    reconnectionDelay: 500,
    reconnectionDelayMax: 5000,
    timeout: 8000,
  });
  let reopening: number | undefined;

  socket.on('connect', () => events.connected());
  socket.on('connect_error', (error: Error & { data?: unknown }) => {
    // Socket.IO goes on trying by itself, unless it was the server that said no.
    if (socket.active) events.lost();
    else events.refused(text(fields(error.data)?.code) || error.message);
  });
  socket.on('disconnect', (reason) => {
    events.lost();
    // Socket.IO does not come back by itself after the server hung up, as it does when it restarts in an orderly way.
    if (reason === 'io server disconnect') reopening = window.setTimeout(() => socket.connect(), 1000);
  });
  socket.on('message', (message: unknown) => events.message(message));
  socket.on('typing', (typing: unknown) => events.typing(typing));
  socket.on('marks', (marks: unknown) => events.marks(marks));
  socket.on('state', (state: unknown) => events.state(state));

  return {
    open: (place, answered) => socket.emit('open', place, answered),
    say: (id, speech, answered) => socket.emit('say', { id, ...speech }, answered),
    read: (to) => socket.emit('read', { to }),
    typing: (on) => socket.emit('typing', { on }),
    renew: (token, answered) => socket.emit('renew', { token }, answered),
    hurry() {
      if (!socket.connected) socket.connect();
    },
    restart() {
      socket.disconnect();
      socket.connect();
    },
    close() {
      window.clearTimeout(reopening);
      socket.removeAllListeners();
      socket.disconnect();
    },
  };
}
