/**
 * Serves the built pages and the desk in memory: `node tests/desk/server.mjs PORT [POLICY]`.
 *
 * POLICY is the content security policy of the page. `POST /world/<deed>` makes things happen: a customer says
 * something, a colleague is faster, the line is lost.
 */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { DeskWorld } from './world.ts';

const DIST = join(import.meta.dirname, '../../dist');
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="#c9b79c"/></svg>';

const [port = '8699', policy = "default-src 'self'; style-src 'self'; img-src 'self' data: blob:"] =
  process.argv.slice(2);
let world = new DeskWorld();
let events = 0;
const streams = new Set();

async function read(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

function json(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(status === 204 ? undefined : JSON.stringify(body));
}

function send(stream, name, data) {
  stream.write(`id: 0-${++events}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

function follow() {
  world.listen((name, data) => streams.forEach((stream) => send(stream, name, data)));
}

function open(request, response, resumed) {
  if (!world.signedIn || world.down) {
    json(response, world.down ? 503 : 401, { code: world.down ? 'busy' : 'signed_out', message: '' });
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  streams.add(response);
  send(response, 'hello', { cursor: `0-${events}`, server_time: world.time, resumed });
  send(response, 'ping', { server_time: world.time });
  request.on('close', () => streams.delete(response));
}

/** What tests make happen. */
function happen(deed, given) {
  const chat = String(given.chat ?? '');
  const text = String(given.text ?? '');
  switch (deed) {
    case 'anew':
      world = new DeskWorld();
      Object.assign(world, given);
      streams.forEach((stream) => stream.end());
      follow();
      return {};
    case 'customer':
      return world.customerSays(chat, text);
    case 'colleague':
      return world.colleagueSays(chat, text);
    case 'claims':
      return world.colleagueClaims(chat) ?? {};
    case 'gives':
      return world.gives(chat) ?? {};
    case 'arrives':
      return world.arrives(chat, String(given.name), text) ?? {};
    case 'tell':
      return world.tell(String(given.event), given.data) ?? {};
    case 'set':
      return Object.assign(world, given) && {};
    case 'lose':
      world.down = given.down === true;
      streams.forEach((stream) => stream.destroy());
      return {};
    default:
      return { asked: world.asked, said: world.said, marks: world.marks };
  }
}

async function answer(request, response) {
  const url = new URL(request.url ?? '/', 'http://desk');
  const { pathname } = url;
  const body = await read(request);
  if (pathname.startsWith('/world/')) {
    json(response, 200, happen(pathname.slice(7), body.length ? JSON.parse(body.toString()) : {}));
  } else if (pathname === '/api/desk/events') {
    open(request, response, url.searchParams.has('after') || request.headers['last-event-id'] !== undefined);
  } else if (pathname.startsWith('/api/desk')) {
    const isJson = request.headers['content-type'] === 'application/json';
    const told = world.handle(
      request.method ?? 'GET',
      pathname.slice('/api/desk'.length),
      url.searchParams,
      isJson ? JSON.parse(body.toString() || '{}') : {},
      request.headers,
    );
    json(response, told.status, told.body);
  } else if (pathname.startsWith('/pictures/')) {
    response.writeHead(200, { 'Content-Type': 'image/svg+xml' });
    response.end(PICTURE);
  } else {
    const name = pathname === '/desk' ? '/desk.html' : normalize(pathname);
    const file = await readFile(join(DIST, name)).catch(() => null);
    response.writeHead(file ? 200 : 404, {
      'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
      'Content-Security-Policy': policy,
    });
    response.end(file ?? 'not here');
  }
}

// With whoever has started it: their end of the pipe closes when they are gone.
process.stdin.on('end', () => process.exit()).resume();

follow();
createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
}).listen(Number(port), '127.0.0.1', () => console.log(`ready on ${port}`));
