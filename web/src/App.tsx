import { useEffect, useMemo, useState } from 'react';
import { useMedia, useRemembered } from './browser';
import { Icon } from './Icon';
import { withChat } from './shop/chat';
import { CUSTOMER_KEY, widgetOptions } from './shop/chatOptions';
import { HomePage } from './shop/HomePage';
import { OrdersPage } from './shop/OrdersPage';
import { ProductPage } from './shop/ProductPage';
import { go, hrefOf, ownProduct, readRoute, useAddress } from './shop/route';
import { loadShop, type Shop, type ShopCustomer } from './shop/shopApi';

const NARROW = '(max-width: 640px)';

function CustomerPicker({
  customers,
  chosen,
  onChoose,
}: {
  customers: ShopCustomer[];
  chosen: string | null;
  onChoose: (id: string | null) => void;
}) {
  return (
    <label className="CustomerPicker">
      <Icon name="person" size={18} />
      <span className="OnlySpoken">演示身份</span>
      <select value={chosen ?? ''} onChange={(event) => onChoose(event.target.value || null)}>
        <option value="">访客</option>
        {customers.map(({ id, nickname, level, region }) => (
          <option key={id} value={id}>
            {nickname}（{level} · {region}）
          </option>
        ))}
      </select>
    </label>
  );
}

/** Whether the chat stands open beside the shop. */
function useChatOpen(): boolean {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    withChat((chat) => {
      setOpen(chat.isOpen);
      chat.on('open', () => setOpen(true));
      chat.on('close', () => setOpen(false));
      chat.on('navigate', (url) => {
        const no = ownProduct(String(url), window.location.href);
        if (!no) return false;
        go({ page: 'product', no });
        if (window.matchMedia(NARROW).matches) chat.close();
        return true;
      });
    });
  }, []);
  return open;
}

export function App() {
  const address = useAddress();
  const route = useMemo(() => readRoute(address), [address]);
  const narrow = useMedia(NARROW);
  const [shop, setShop] = useState<Shop | null>(null);
  const [remembered, setCustomer] = useRemembered(CUSTOMER_KEY, 'local');
  const [toast, setToast] = useState<string | null>(null);
  const chatOpen = useChatOpen();
  const customer = remembered && shop?.customers.some(({ id }) => id === remembered) ? remembered : null;

  useEffect(() => {
    // Where there is no demo shop, the chat is all there is.
    loadShop().then(setShop, () => window.location.replace(`/chat${window.location.search}`));
  }, []);

  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => setToast(null), 2500);
    return () => clearTimeout(timer);
  }, [toast]);

  useEffect(() => {
    window.scrollTo(0, 0);
  }, [route]);

  useEffect(() => {
    if (!shop) return;
    // On a phone the product's own bar has the button for the chat.
    const launcher = !(narrow && route.page === 'product');
    withChat((chat) => chat.update({ ...widgetOptions(route, customer, shop), launcher }));
  }, [route, customer, shop, narrow]);

  const openChat = () => withChat((chat) => chat.open());
  const ask = (question: string) => withChat((chat) => chat.say(question));

  return (
    <div className="Site" data-chat={chatOpen ? 'open' : 'closed'}>
      <header className="ShopHead">
        <a className="ShopHead-brand" href={hrefOf({ page: 'home' })}>
          <img src="/icon.svg" alt="" />
          六拾优选
        </a>
        <nav aria-label="店铺">
          <a href={hrefOf({ page: 'home' })} aria-current={route.page === 'home' ? 'page' : undefined}>
            <Icon name="home" />
            <span>首页</span>
          </a>
          <a href={hrefOf({ page: 'orders', no: null })} aria-current={route.page === 'orders' ? 'page' : undefined}>
            <Icon name="order" />
            <span>我的订单</span>
          </a>
        </nav>
        {shop && <CustomerPicker customers={shop.customers} chosen={customer} onChoose={setCustomer} />}
      </header>
      <main className="ShopMain">
        {!shop && <p className="Empty">正在打开…</p>}
        {shop && route.page === 'home' && <HomePage shop={shop} />}
        {shop && route.page === 'product' && (
          <ProductPage
            key={route.no}
            no={route.no}
            onAsk={ask}
            onOpenChat={openChat}
            onBuy={() => setToast('这是演示店铺，不会真的下单哦')}
          />
        )}
        {shop && route.page === 'orders' && (
          <OrdersPage
            key={customer ?? ''}
            customer={customer}
            orderNo={route.no}
            onAskAbout={(no) => ask(no ? '这笔订单到哪了？' : '帮我查一下订单')}
          />
        )}
      </main>
      <div role="status" className="Toast">
        {toast && <p>{toast}</p>}
      </div>
    </div>
  );
}
