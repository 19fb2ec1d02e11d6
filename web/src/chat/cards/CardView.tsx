import { BenefitCardView } from './BenefitCard';
import { BundleCardView } from './BundleCard';
import type { Card, Choice, ProductFields } from './card';
import { OrderCardView } from './OrderCard';
import { OrdersCardView } from './OrdersCard';
import { OwnChannelCardView } from './OwnChannelCard';
import { ProductCardView } from './ProductCard';
import { RatingCardView } from './RatingCard';
import { SuggestionsCardView } from './SuggestionsCard';

/** What a tap on a card can do. */
export interface CardActions {
  choose: (choice: Choice) => void;
  openProduct: (product: ProductFields) => void;
  openLink: (url: string) => void;
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
    case 'suggestions':
      return <SuggestionsCardView card={card} actions={actions} />;
    case 'benefit':
      return <BenefitCardView benefit={card} actions={actions} />;
    case 'own_channel':
      return <OwnChannelCardView card={card} actions={actions} />;
    case 'rating':
      return <RatingCardView card={card} actions={actions} />;
  }
}
