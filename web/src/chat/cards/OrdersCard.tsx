import { Picture } from '../../Picture';
import type { OrdersCard } from './card';
import type { CardActions } from './CardView';

export function OrdersCardView({ card, actions }: { card: OrdersCard; actions: CardActions }) {
  return (
    <section className="ShopCard OrdersCard" aria-label="选一笔订单">
      <ul>
        {card.orders.map((order) => (
          <li key={order.no}>
            <button type="button" onClick={() => actions.choose(order)}>
              <Picture src={order.picture} alt="" />
              <span className="OrdersCard-main">
                <span className="OrdersCard-name">{order.name}</span>
                <span className="OrdersCard-no">尾号 {order.no.slice(-6)}</span>
              </span>
              <span className="OrdersCard-headline">{order.headline}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
