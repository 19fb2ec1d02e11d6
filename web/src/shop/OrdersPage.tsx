import { useEffect, useState } from 'react';
import { isZero, yuan } from '../chat/money';
import { Picture } from '../Picture';
import { hrefOf } from './route';
import { loadOrders, type ShopOrder } from './shopApi';

interface OrdersPageProps {
  customer: string | null;
  orderNo: string | null;
  /** Opens the chat as from this order's page. */
  onAskAbout: (orderNo: string | null) => void;
}

export function OrdersPage({ customer, orderNo, onAskAbout }: OrdersPageProps) {
  const [orders, setOrders] = useState<ShopOrder[] | null>(null);

  useEffect(() => {
    let current = true;
    if (customer) {
      loadOrders(customer).then(
        (loaded) => current && setOrders(loaded),
        () => current && setOrders([]),
      );
    }
    return () => {
      current = false;
    };
  }, [customer]);

  if (!customer) {
    return (
      <section className="Empty">
        <p>登录后可以看到您的订单。也可以直接找客服，报上订单号和手机尾号来查。</p>
        <button type="button" className="PillButton" onClick={() => onAskAbout(null)}>
          找客服查订单
        </button>
      </section>
    );
  }
  if (!orders) return <p className="Empty">正在打开…</p>;
  const shown = orderNo ? orders.filter((order) => order.no === orderNo) : orders;
  if (!shown.length) {
    return (
      <section className="Empty">
        <p>{orderNo ? '没有找到这笔订单。' : '还没有订单，去逛逛吧。'}</p>
        <a className="PillButton" href={hrefOf(orderNo ? { page: 'orders', no: null } : { page: 'home' })}>
          {orderNo ? '看看全部订单' : '去逛逛'}
        </a>
      </section>
    );
  }
  return (
    <section className="Orders">
      <h1>{orderNo ? '订单详情' : '我的订单'}</h1>
      {orderNo && (
        <a className="Orders-all" href={hrefOf({ page: 'orders', no: null })}>
          看全部订单
        </a>
      )}
      <ul>
        {shown.map((order) => (
          <li key={order.no} className="Order">
            <header>
              <h2>{order.headline}</h2>
              <p>
                订单号 {order.no}
                <span>{order.placed_at}</span>
              </p>
            </header>
            <ul>
              {order.lines.map((line, index) => (
                <li key={`${index}-${line.product_no}`}>
                  <a href={hrefOf({ page: 'product', no: line.product_no })}>
                    <Picture src={line.picture} alt="" />
                    <span className="Order-line">
                      <span>{line.name}</span>
                      <small>
                        {line.sku} ×{line.quantity}
                      </small>
                    </span>
                    <span>{yuan(line.unit_price)}</span>
                  </a>
                </li>
              ))}
            </ul>
            <footer>
              <p>
                {isZero(order.paid) ? (
                  '还没付款'
                ) : (
                  <>
                    实付 <strong>{yuan(order.paid)}</strong>
                  </>
                )}
              </p>
              {orderNo ? (
                <button type="button" className="PillButton" onClick={() => onAskAbout(order.no)}>
                  问问客服
                </button>
              ) : (
                <a className="PillButton" href={hrefOf({ page: 'orders', no: order.no })}>
                  查看订单
                </a>
              )}
            </footer>
          </li>
        ))}
      </ul>
    </section>
  );
}
