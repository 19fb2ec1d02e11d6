import { useState } from 'react';
import { Icon } from '../../Icon';
import { shortAmount } from '../money';
import type { BenefitCard } from './card';
import type { CardActions } from './CardView';

export function BenefitCardView({ benefit, actions }: { benefit: BenefitCard; actions: CardActions }) {
  const { kind, title, text, amount, until, granted, action } = benefit;
  const [taken, setTaken] = useState(false);
  return (
    <article className={`ShopCard BenefitCard BenefitCard--${kind}`} aria-label={title}>
      <div className="BenefitCard-sign">
        {kind === 'coupon' && amount ? (
          <p>
            <small>¥</small>
            {shortAmount(amount)}
          </p>
        ) : (
          <Icon name={kind === 'service' ? 'badge' : 'gift'} size={34} />
        )}
      </div>
      <div className="BenefitCard-main">
        <h3>{title}</h3>
        {text && <p>{text}</p>}
        {until && <p className="BenefitCard-until">{until}前有效</p>}
        {granted && (
          <p className="BenefitCard-granted">
            <Icon name="tick" size={16} />
            {kind === 'coupon' ? '已到账' : '已领取'}
          </p>
        )}
        {action && !taken && (
          <button
            type="button"
            className="PillButton"
            onClick={() => {
              setTaken(true);
              actions.choose(action);
            }}
          >
            {action.title}
          </button>
        )}
      </div>
    </article>
  );
}
