import { Goods } from '@chatui/core';
import { yuan } from '../money';
import type { ProductFields } from './card';
import type { CardActions } from './CardView';

export function ProductCardView({ product, actions }: { product: ProductFields; actions: CardActions }) {
  return (
    <article className="ShopCard ProductCard" aria-label={product.name}>
      {/* The button below does the same for keyboards and screen readers. */}
      <Goods
        img={product.picture ?? '/pictures/none.svg'}
        name={product.name}
        desc={`货号 ${product.no}`}
        tags={product.tags.map((name) => ({ name }))}
        onClick={() => actions.openProduct(product)}
      />
      {product.prices.length > 0 && (
        <dl className="PriceLines">
          {product.prices.map(({ label, amount }) => (
            <div key={label} className="PriceLines-line">
              <dt>{label}</dt>
              <dd>{yuan(amount)}</dd>
            </div>
          ))}
        </dl>
      )}
      <div className="ProductCard-bottom">
        {product.finalPrice && (
          <p className="FinalPrice">
            <span className="FinalPrice-label">到手价</span>
            <strong>{yuan(product.finalPrice)}</strong>
          </p>
        )}
        <button type="button" className="PillButton" onClick={() => actions.openProduct(product)}>
          {product.url ? '看看宝贝' : '问问这款'}
        </button>
      </div>
    </article>
  );
}
