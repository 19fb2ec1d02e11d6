import { App, Button, Collapse, Skeleton } from 'antd';
import { copyText } from '../../browser';
import { yuan } from '../../chat/money';
import { Picture } from '../../Picture';
import { useDesk } from '../desk';
import { day, moment } from '../moments';
import { serverNow } from '../serverClock';
import { Nothing } from '../states';
import type { Chat, OrderAtAGlance } from '../wire';
import { useLanguage, useWords } from '../words';
import type { Talk } from '../workbench';
import { Section } from './Overview';
import type { Beside } from './Panel';

function OrderSheet({
  order,
  chat,
  may,
  refundTitle,
}: {
  order: OrderAtAGlance;
  chat: string;
  may: boolean;
  refundTitle: string | null;
}) {
  const desk = useDesk();
  const say = useWords();
  const { message } = App.useApp();
  return (
    <article className="OrderSheet" data-state={order.state}>
      <header>
        <button
          type="button"
          title={say('copy')}
          onClick={() => void copyText(order.no).then((done) => done && message.success(say('copied')))}
        >
          {order.no}
        </button>
        <b>{order.state_title}</b>
      </header>
      {order.items.map((item, place) => (
        <div className="OrderSheet-line" key={place}>
          <Picture src={item.picture} alt="" />
          <span>
            {item.name}
            <small>
              {item.spec} ×{item.quantity}
            </small>
          </span>
        </div>
      ))}
      {order.parcel && (
        <p className="OrderSheet-parcel">
          {order.parcel.company} {order.parcel.no_masked}
          {order.parcel.last && <span>{order.parcel.last}</span>}
        </p>
      )}
      {order.refund && (
        <p className="OrderSheet-refund">
          {[say('refunds'), refundTitle, yuan(order.refund.amount)].filter(Boolean).join(' · ')}
        </p>
      )}
      <footer>
        <time>{day(order.placed_at)}</time>
        <em>{yuan(order.amount)}</em>
        {may && (
          <Button type="link" size="small" onClick={() => desk.say(chat, { card: { kind: 'order', no: order.no } })}>
            {say('sendCard')}
          </Button>
        )}
      </footer>
    </article>
  );
}

export function Orders({ chat, talk, beside }: { chat: Chat; talk: Talk; beside: Beside }) {
  const say = useWords();
  const language = useLanguage();
  const { known, error } = beside;
  const orders = known?.orders ?? talk.packet?.orders ?? [];
  if (!known && !error && !orders.length) return <Skeleton active paragraph={{ rows: 6 }} />;
  if (!orders.length) {
    return (
      <Nothing icon="order" title={say('noOrders')}>
        {chat.customer.id ? null : say('unknownVisitor')}
      </Nothing>
    );
  }
  return (
    <div className="Orders">
      {(known?.stale.length ?? 0) > 0 && <p className="Section-text">{say('stale', say('orders'))}</p>}
      {orders.map((order) => (
        <OrderSheet
          key={order.no}
          order={order}
          chat={chat.id}
          may={talk.may.send ?? false}
          refundTitle={known?.refunds.find((refund) => refund.order_no === order.no)?.state_title ?? null}
        />
      ))}
      {known && known.parcels.length > 0 && (
        <Section title={say('parcels')}>
          <Collapse
            size="small"
            ghost
            items={known.parcels.map((parcel) => ({
              key: `${parcel.order_no} ${parcel.no_masked}`,
              label: `${parcel.company} ${parcel.no_masked}`,
              children: (
                <ol className="Steps">
                  {parcel.steps.map((step, place) => (
                    <li key={place}>
                      {step.at && <time>{moment(step.at, serverNow(), language)}</time>}
                      <span>{step.text}</span>
                    </li>
                  ))}
                </ol>
              ),
            }))}
          />
        </Section>
      )}
      {known && known.refunds.length > 0 && (
        <Section title={say('refunds')}>
          {known.refunds.map((refund) => (
            <div className="RefundLine" key={`${refund.order_no} ${refund.state}`}>
              <p>
                <b>{refund.state_title}</b> <em>{yuan(refund.amount)}</em>
                <small>{refund.order_no}</small>
              </p>
              <ol className="Steps">
                {refund.steps.map((step, place) => (
                  <li key={place}>
                    {typeof step !== 'string' && step.at && <time>{moment(step.at, serverNow(), language)}</time>}
                    <span>{typeof step === 'string' ? step : step.text}</span>
                  </li>
                ))}
              </ol>
            </div>
          ))}
        </Section>
      )}
    </div>
  );
}
