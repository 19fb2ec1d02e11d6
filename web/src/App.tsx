import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ChatPanel } from './chat/ChatPanel';
import type { CardActions } from './chat/cards/CardView';
import type { Entry } from './chat/context';
import { useConversation } from './chat/useConversation';
import { Icon } from './Icon';
import { HomePage } from './shop/HomePage';
import { OrdersPage } from './shop/OrdersPage';
import { ProductPage } from './shop/ProductPage';
import { go, hrefOf, ownProduct, readRoute, type Route, useAddress } from './shop/route';
import { loadShop, type Shop, type ShopCustomer } from './shop/shopApi';
import { useMedia, useRemembered } from './browser';

const WIDE = '(min-width: 900px)';

function entryOf(route: Route): Entry {
  if (route.page === 'product') return { kind: 'product', productNo: route.no };
  if (route.page === 'orders') return { kind: 'order', orderNo: route.no };
  return { kind: 'shop' };
}

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

export function App() {
  const address = useAddress();
  const route = useMemo(() => readRoute(address), [address]);
  const wide = useMedia(WIDE);
  // null while it is being asked for, false where there is no demo shop: then the page is the chat alone.
  const [shop, setShop] = useState<Shop | null | false>(null);
  const [remembered, setCustomer] = useRemembered('sixty.customer', 'local');
  const [chatChoice, setChatChoice] = useRemembered('sixty.chat.open', 'session');
  /** The product that was shown to the shop from its page, which need not be offered again. */
  const [shown, setShown] = useState<string | null>(null);
  const shopArea = useRef<HTMLDivElement>(null);
  const [toast, setToast] = useState<string | null>(null);

  useEffect(() => {
    loadShop().then(setShop, () => setShop(false));
  }, []);

  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => setToast(null), 2500);
    return () => clearTimeout(timer);
  }, [toast]);

  useEffect(() => {
    window.scrollTo(0, 0);
  }, [route]);

  const customer = shop && shop.customers.some(({ id }) => id === remembered) ? remembered : null;
  const chatOpen = shop === false || (chatChoice ? chatChoice === 'open' : wide);
  const covering = chatOpen && !wide && shop !== false;
  const entry = useMemo(() => entryOf(route), [route]);
  // The customer is known only after the shop was loaded; a chat opened before would be a visitor's.
  const { conversation, snapshot } = useConversation(customer, chatOpen && shop !== null ? entry : null);

  const openChat = useCallback(() => setChatChoice('open'), [setChatChoice]);
  const closeChat = useCallback(() => setChatChoice('closed'), [setChatChoice]);

  useEffect(() => {
    document.body.classList.toggle('is-covered', covering);
    if (shopArea.current) shopArea.current.inert = covering;
  }, [covering]);

  const ask = (title: string, payload?: string) => {
    openChat();
    conversation.say(title, payload);
  };

  const actions: CardActions = {
    ask,
    openProduct(product) {
      const own = product.url && shop ? ownProduct(product.url, window.location.href) : null;
      if (own) {
        go({ page: 'product', no: own });
        if (!wide) closeChat();
      } else if (product.url) {
        window.open(product.url, '_blank', 'noopener,noreferrer');
      } else {
        ask(product.name, product.no);
      }
    },
  };

  const lookedAt =
    shop && route.page === 'product' && route.no !== shown
      ? shop.products.find(({ no }) => no === route.no)
      : undefined;
  const looking = lookedAt ? (
    <p className="Looking">
      <img src={lookedAt.picture} alt="" />
      <span>正在看：{lookedAt.name}</span>
      <button
        type="button"
        onClick={() => {
          setShown(lookedAt.no);
          conversation.say(lookedAt.name, lookedAt.no);
        }}
      >
        发给客服
      </button>
    </p>
  ) : null;

  return (
    <div className="Site" data-chat={chatOpen ? 'open' : 'closed'} data-alone={shop === false || undefined}>
      {shop !== false && (
        <div className="Shop" ref={shopArea}>
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
              <a
                href={hrefOf({ page: 'orders', no: null })}
                aria-current={route.page === 'orders' ? 'page' : undefined}
              >
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
                onAsk={(question) => ask(question)}
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
          {!chatOpen && (
            <button type="button" className="Launcher" onClick={openChat}>
              <Icon name="bubble" size={26} />
              <span>客服</span>
            </button>
          )}
        </div>
      )}
      {chatOpen && (
        <ChatPanel
          conversation={conversation}
          snapshot={snapshot}
          covering={covering}
          looking={looking}
          actions={actions}
          onClose={closeChat}
        />
      )}
      <div role="status" className="Toast">
        {toast && <p>{toast}</p>}
      </div>
    </div>
  );
}
