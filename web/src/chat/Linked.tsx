import { Fragment, type ReactNode } from 'react';
import { partsOf } from './linkedText';

/** A line whose addresses can be followed; everything else in it is just text. */
export function Linked({ text, onFollow }: { text: string; onFollow: (url: string) => void }): ReactNode {
  return partsOf(text).map((part, index) =>
    part.url ? (
      <a
        key={index}
        className="Link"
        href={part.url}
        target="_blank"
        rel="noopener noreferrer"
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
          event.preventDefault();
          onFollow(part.url ?? '');
        }}
      >
        {part.text}
      </a>
    ) : (
      <Fragment key={index}>{part.text}</Fragment>
    ),
  );
}
