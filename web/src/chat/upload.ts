/** Sends a file to the page's own server before it is said. */

import { fields, text } from './safe';

export interface Upload {
  id: string;
}

/** The server will not have this file; the message says why, to the customer. */
export class UploadRefused extends Error {}

const LONGEST_SIDE = 2048;
const SMALL_ENOUGH = 1_500_000;
const SHRINKABLE = new Set(['image/jpeg', 'image/png', 'image/webp']);

/** A picture as large as a screen can show; of a photo's other data, such as where it was taken, nothing is left. */
async function shrunk(file: File): Promise<Blob> {
  if (!SHRINKABLE.has(file.type) || typeof createImageBitmap !== 'function') return file;
  const drawn = await createImageBitmap(file).catch(() => null);
  if (!drawn) return file;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(drawn.width, drawn.height));
  // A screenshot stays as sharp as it was.
  const lossless = file.type === 'image/png' && scale === 1 && file.size <= SMALL_ENOUGH;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(drawn.width * scale);
  canvas.height = Math.round(drawn.height * scale);
  const pen = canvas.getContext('2d');
  if (!pen) return file;
  if (!lossless) {
    // Transparent places would become black.
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
  }
  pen.drawImage(drawn, 0, 0, canvas.width, canvas.height);
  drawn.close();
  return new Promise((resolve) =>
    canvas.toBlob((blob) => resolve(blob ?? file), lossless ? 'image/png' : 'image/jpeg', 0.88),
  );
}

/** Uploads a file; rejects with `UploadRefused` when the server will not have it. */
export async function uploadFile(file: File, token: string): Promise<Upload> {
  const content = await shrunk(file);
  const response = await fetch('/api/uploads', {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': content.type || 'application/octet-stream',
      'X-File-Name': encodeURIComponent(file.name.slice(-80)),
    },
    body: content,
    cache: 'no-store',
    credentials: 'omit',
  });
  const body = fields(await response.json().catch(() => null)) ?? {};
  if (response.ok && text(body.id)) return { id: text(body.id) };
  if (text(body.message)) throw new UploadRefused(text(body.message));
  throw new Error(`not uploaded: ${response.status}`);
}
