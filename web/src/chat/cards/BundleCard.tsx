import { Picture } from '../../Picture';
import { yuan } from '../money';
import type { BundleCard } from './card';
import type { CardActions } from './CardView';

export function BundleCardView({ bundle, actions }: { bundle: BundleCard; actions: CardActions }) {
  return (
    <article className="ShopCard BundleCard" aria-label={bundle.title || '搭配推荐'}>
      <header className="BundleCard-head">
        <h3>{bundle.title || '搭配着买更划算'}</h3>
        {bundle.coupon && <span className="BundleCard-coupon">{bundle.coupon.title}</span>}
      </header>
      {bundle.picture && <Picture className="BundleCard-whole" src={bundle.picture} alt={bundle.pictureAlt} />}
      <ul>
        {bundle.items.map((item) => (
          <li key={item.no}>
            <button type="button" onClick={() => actions.openProduct(item)}>
              <Picture src={item.picture} alt="" />
              <span className="BundleCard-main">
                <span className="BundleCard-name">{item.name}</span>
                {item.reason && <span className="BundleCard-reason">{item.reason}</span>}
              </span>
              {item.finalPrice && <span className="BundleCard-price">{yuan(item.finalPrice)}</span>}
            </button>
          </li>
        ))}
      </ul>
      {bundle.bundlePrice && (
        <footer className="BundleCard-foot">
          <p className="FinalPrice">
            <span className="FinalPrice-label">搭配价</span>
            <strong>{yuan(bundle.bundlePrice)}</strong>
          </p>
          {bundle.saving && <span className="BundleCard-saving">立省 {yuan(bundle.saving)}</span>}
        </footer>
      )}
    </article>
  );
}
