/** A picture as large as a screen can show; of a photo's other data, such as where it was taken, nothing is left. */

const LONGEST_SIDE = 2048;
const SMALL_ENOUGH = 1_500_000;
const SHRINKABLE = new Set(['image/jpeg', 'image/png', 'image/webp']);

export async function shrunk(file: File): Promise<File> {
  if (!SHRINKABLE.has(file.type) || typeof createImageBitmap !== 'function') return file;
  const drawn = await createImageBitmap(file).catch(() => null);
  if (!drawn) return file;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(drawn.width, drawn.height));
  const lossless = file.type === 'image/png' && scale === 1 && file.size <= SMALL_ENOUGH;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(drawn.width * scale);
  canvas.height = Math.round(drawn.height * scale);
  const pen = canvas.getContext('2d');
  if (!pen) return file;
  if (!lossless) {
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
  }
  pen.drawImage(drawn, 0, 0, canvas.width, canvas.height);
  drawn.close();
  const blob = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, lossless ? 'image/png' : 'image/jpeg', 0.88),
  );
  return blob ? new File([blob], file.name, { type: blob.type }) : file;
}
