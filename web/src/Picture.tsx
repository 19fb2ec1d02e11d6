import { useState } from 'react';

interface PictureProps {
  src: string | null;
  alt: string;
  className?: string;
}

const NEUTRAL = '/pictures/none.svg';

/** A product's picture, or the neutral one when there is none or it cannot be had. */
export function Picture({ src, alt, className }: PictureProps) {
  const [broken, setBroken] = useState<string | null>(null);
  const shown = !src || broken === src ? NEUTRAL : src;
  return (
    <img
      className={className}
      src={shown}
      alt={alt}
      loading="lazy"
      decoding="async"
      onError={() => setBroken((before) => (shown === NEUTRAL ? before : src))}
    />
  );
}
