/** What the demo shop's pages show. */

export interface ShopProduct {
  no: string;
  name: string;
  category: string;
  price: string;
  list_price: string;
  picture: string;
  presale: boolean;
}

export interface ShopCustomer {
  id: string;
  nickname: string;
  level: string;
  region: string;
}

export interface Shop {
  products: ShopProduct[];
  customers: ShopCustomer[];
}

export interface ProductDetail {
  no: string;
  name: string;
  brand: string;
  category: string;
  kind: string;
  picture: string;
  price: string;
  list_price: string;
  presale: { price: string; deposit: string; deposit_worth: string } | null;
  colors: string[];
  sizes: string[];
  specs: string[];
  attributes: { key: string; value: string; selling_point: string }[];
}

export interface ShopOrder {
  no: string;
  headline: string;
  placed_at: string;
  paid: string;
  lines: { product_no: string; name: string; sku: string; quantity: number; unit_price: string; picture: string }[];
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(path, { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return (await response.json()) as T;
}

export const loadShop = () => get<Shop>('/api/demo/shop');
export const loadProduct = (no: string) => get<ProductDetail>(`/api/demo/products/${encodeURIComponent(no)}`);
export const loadOrders = (customer: string) =>
  get<{ orders: ShopOrder[] }>(`/api/demo/orders?customer=${encodeURIComponent(customer)}`).then(
    ({ orders }) => orders,
  );
