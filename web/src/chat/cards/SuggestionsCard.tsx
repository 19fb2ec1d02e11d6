import { Picture } from '../../Picture';
import { yuan } from '../money';
import type { SuggestionsCard } from './card';
import type { CardActions } from './CardView';

export function SuggestionsCardView({ card, actions }: { card: SuggestionsCard; actions: CardActions }) {
  const { title, items, refuse } = card;
  return (
    <section className="ShopCard SuggestionsCard" aria-label={title || '为您挑的'}>
      {title && <h3>{title}</h3>}
      <ul>
        {items.map((item) => {
          const { action } = item;
          return (
            <li key={item.no}>
              <button type="button" className="SuggestionsCard-product" onClick={() => actions.openProduct(item)}>
                <Picture src={item.picture} alt="" />
                <span className="SuggestionsCard-name">{item.name}</span>
              </button>
              {item.reason && <p className="SuggestionsCard-reason">{item.reason}</p>}
              <p className="SuggestionsCard-price">
                {item.finalPrice && (
                  <strong>
                    <span className="OnlySpoken">到手价</span>
                    {yuan(item.finalPrice)}
                  </strong>
                )}
                {item.difference && <small>{item.difference}</small>}
              </p>
              {action && (
                <button
                  type="button"
                  className="PillButton"
                  aria-label={`${action.title}：${item.name}`}
                  onClick={() => actions.choose(action)}
                >
                  {action.title}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {refuse && (
        <button type="button" className="SuggestionsCard-refuse" onClick={() => actions.choose(refuse)}>
          {refuse.title}
        </button>
      )}
    </section>
  );
}
