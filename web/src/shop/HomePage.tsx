import { useState } from 'react';
import { yuan } from '../chat/money';
import { Picture } from '../Picture';
import { hrefOf } from './route';
import type { Shop } from './shopApi';

const ALL = '全部';

export function HomePage({ shop }: { shop: Shop }) {
  const [category, setCategory] = useState(ALL);
  const categories = [ALL, ...new Set(shop.products.map((product) => product.category))];
  const shown = shop.products.filter((product) => category === ALL || product.category === category);
  return (
    <>
      <section className="Hero">
        <div>
          <h1>好东西，慢慢挑</h1>
          <p>工装、母婴、美妆、数码、生鲜、文具，样样认真选过。拿不准尺码和价格？问问客服就好。</p>
        </div>
        <div className="Hero-pictures" aria-hidden="true">
          {categories.slice(1, 5).map((name) => (
            <Picture
              key={name}
              src={shop.products.find((product) => product.category === name)?.picture ?? null}
              alt=""
            />
          ))}
        </div>
      </section>
      <nav className="Categories" aria-label="商品分类">
        {categories.map((name) => (
          <button key={name} type="button" aria-pressed={name === category} onClick={() => setCategory(name)}>
            {name}
          </button>
        ))}
      </nav>
      <ul className="Shelf" aria-label="商品">
        {shown.map((product) => (
          <li key={product.no}>
            <a className="ShelfItem" href={hrefOf({ page: 'product', no: product.no })}>
              <Picture src={product.picture} alt="" />
              <span className="ShelfItem-name">{product.name}</span>
              <span className="ShelfItem-prices">
                <strong>{yuan(product.price)}</strong>
                {product.list_price !== product.price && <del>{yuan(product.list_price)}</del>}
                {product.presale && <em>预售</em>}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
