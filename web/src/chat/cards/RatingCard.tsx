import { useState } from 'react';
import type { RatingCard } from './card';
import type { CardActions } from './CardView';

/** Asks how it was: one tap is enough, and only one counts. */
export function RatingCardView({ card, actions }: { card: RatingCard; actions: CardActions }) {
  const [tapped, setTapped] = useState<string | null>(null);
  const { text, scores, tags } = card;
  const title = card.title || (scores.length > 0 ? '评价一下这次服务' : '可以说说为什么');
  return (
    <section className="ShopCard RatingCard" aria-label={title}>
      <h3>{title}</h3>
      {text && <p>{text}</p>}
      {[scores, tags].map(
        (choices, place) =>
          choices.length > 0 && (
            <ul key={place} data-kind={place === 0 ? 'scores' : 'tags'}>
              {choices.map((choice) => (
                <li key={choice.title}>
                  <button
                    type="button"
                    disabled={tapped !== null}
                    aria-pressed={tapped === choice.title}
                    onClick={() => {
                      setTapped(choice.title);
                      actions.choose(choice);
                    }}
                  >
                    {choice.title}
                  </button>
                </li>
              ))}
            </ul>
          ),
      )}
    </section>
  );
}
