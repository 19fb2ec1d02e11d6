import { Picture } from '../../Picture';
import { isZero, yuan } from '../money';
import type { OrderCard } from './card';

export function OrderCardView({ order }: { order: OrderCard }) {
  const { parcel } = order;
  return (
    <article className="ShopCard OrderCard" aria-label={`订单 ${order.no}`}>
      <header className="OrderCard-head">
        <h3>{order.headline}</h3>
        <p>订单号 {order.no}</p>
      </header>
      <ul className="OrderCard-lines">
        {order.lines.map((line, index) => (
          <li key={`${index}-${line.name}`}>
            <Picture src={line.picture} alt="" />
            <div>
              <p className="OrderCard-name">{line.name}</p>
              <p className="OrderCard-sku">
                {line.sku && <span>{line.sku}</span>}
                <span>×{line.quantity}</span>
              </p>
            </div>
          </li>
        ))}
      </ul>
      {parcel && (
        <section className="OrderCard-parcel" aria-label="物流">
          <p className="OrderCard-carrier">
            {parcel.carrier} <span>{parcel.no}</span>
          </p>
          <p>{parcel.text}</p>
          {parcel.at && <p className="OrderCard-at">{parcel.at}</p>}
        </section>
      )}
      {order.details.length > 0 && (
        <ul className="OrderCard-details">
          {order.details.map((detail) => (
            <li key={detail}>{detail}</li>
          ))}
        </ul>
      )}
      {order.nextSteps.length > 0 && (
        <section className="OrderCard-next">
          <h4>接下来您可以</h4>
          <ul>
            {order.nextSteps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
        </section>
      )}
      {order.paid && !isZero(order.paid) && (
        <p className="OrderCard-paid">
          实付 <strong>{yuan(order.paid)}</strong>
        </p>
      )}
    </article>
  );
}
