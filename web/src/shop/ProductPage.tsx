import { useEffect, useState } from 'react';
import { yuan } from '../chat/money';
import { Icon } from '../Icon';
import { Picture } from '../Picture';
import { questionsFor } from './questions';
import { hrefOf } from './route';
import { loadProduct, type ProductDetail } from './shopApi';

interface ProductPageProps {
  no: string;
  onAsk: (question: string) => void;
  onOpenChat: () => void;
  onBuy: () => void;
}

function Choices({ title, values }: { title: string; values: string[] }) {
  const [chosen, setChosen] = useState<string | null>(null);
  if (!values.length) return null;
  return (
    <fieldset className="Choices">
      <legend>{title}</legend>
      {values.map((value) => (
        <button key={value} type="button" aria-pressed={value === chosen} onClick={() => setChosen(value)}>
          {value}
        </button>
      ))}
    </fieldset>
  );
}

export function ProductPage({ no, onAsk, onOpenChat, onBuy }: ProductPageProps) {
  const [product, setProduct] = useState<ProductDetail | null>(null);
  const [missing, setMissing] = useState(false);

  useEffect(() => {
    let current = true;
    loadProduct(no).then(
      (loaded) => current && setProduct(loaded),
      () => current && setMissing(true),
    );
    return () => {
      current = false;
    };
  }, [no]);

  if (missing) {
    return (
      <section className="Empty">
        <p>这件商品暂时找不到了。</p>
        <a className="PillButton" href={hrefOf({ page: 'home' })}>
          去看看别的
        </a>
      </section>
    );
  }
  if (!product) return <p className="Empty">正在打开…</p>;

  const { presale } = product;
  return (
    <article className="Product" aria-label={product.name}>
      <Picture className="Product-picture" src={product.picture} alt={product.name} />
      <div className="Product-main">
        <p className="Product-brand">
          {product.brand} · 货号 {product.no}
        </p>
        <h1>{product.name}</h1>
        <p className="Product-price">
          <strong>{yuan(presale ? presale.price : product.price)}</strong>
          {product.list_price !== product.price && <del>{yuan(product.list_price)}</del>}
          {presale && (
            <em>
              预售 定金 {yuan(presale.deposit)} 抵 {yuan(presale.deposit_worth)}
            </em>
          )}
        </p>
        <Choices title="颜色" values={product.colors} />
        <Choices title="尺码" values={product.sizes} />
        <Choices title="规格" values={product.specs} />
        <section className="Asked" aria-label="大家都在问">
          <h2>大家都在问</h2>
          <div>
            {questionsFor(product).map((question) => (
              <button key={question} type="button" onClick={() => onAsk(question)}>
                {question}
              </button>
            ))}
          </div>
        </section>
        <div className="Product-deeds">
          <button type="button" className="Product-chat" onClick={onOpenChat}>
            <Icon name="bubble" />
            客服
          </button>
          <button type="button" className="Product-buy" onClick={onBuy}>
            {presale ? '付定金' : '立即购买'}
          </button>
        </div>
      </div>
      {product.attributes.length > 0 && (
        <section className="Attributes" aria-label="商品参数">
          <h2>商品参数</h2>
          <dl>
            {product.attributes.map((attribute) => (
              <div key={attribute.key}>
                <dt>{attribute.key}</dt>
                <dd>
                  {attribute.value}
                  {attribute.selling_point && <span>{attribute.selling_point}</span>}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </article>
  );
}
