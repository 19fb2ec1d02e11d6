/** What the chat is told of where the customer is in the demo shop. */

import type { Route } from './route';
import type { Shop } from './shopApi';

export const CUSTOMER_KEY = 'sixty.customer';

export function widgetOptions(route: Route, customer: string | null, shop: Shop | null): Record<string, string | null> {
  const product = route.page === 'product' ? route.no : null;
  const shown = shop?.products.find(({ no }) => no === product);
  return {
    entry: route.page === 'orders' ? 'order' : product ? 'product' : 'shop',
    product,
    productName: shown?.name ?? null,
    productPicture: shown?.picture ?? null,
    order: route.page === 'orders' ? route.no : null,
    customer,
  };
}
