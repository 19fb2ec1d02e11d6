import type { Card, ProductFields } from '../wire';
import { BundleCardView } from './BundleCard';
import { OrderCardView } from './OrderCard';
import { OrdersCardView } from './OrdersCard';
import { ProductCardView } from './ProductCard';

/** What a tap on a card can do. */
export interface CardActions {
  ask: (title: string, payload: string) => void;
  openProduct: (product: ProductFields) => void;
}

export function CardView({ card, actions }: { card: Card; actions: CardActions }) {
  switch (card.type) {
    case 'product':
      return <ProductCardView product={card} actions={actions} />;
    case 'order':
      return <OrderCardView order={card} />;
    case 'orders':
      return <OrdersCardView card={card} actions={actions} />;
    case 'bundle':
      return <BundleCardView bundle={card} actions={actions} />;
  }
}
