import type { ReactNode } from 'react';
import type { Card } from '../../chat/cards/card';
import { yuan } from '../../chat/money';
import { Picture } from '../../Picture';

interface LineProps {
  picture: string | null;
  name: string;
  small?: string | null;
  end?: string | null;
}

function Line({ picture, name, small, end }: LineProps) {
  return (
    <div className="DeskCard-line">
      <Picture src={picture} alt="" />
      <span>
        <b>{name}</b>
        {small && <small>{small}</small>}
      </span>
      {end && <em>{end}</em>}
    </div>
  );
}

function Sheet({ title, children, foot }: { title?: string; children: ReactNode; foot?: ReactNode }) {
  return (
    <article className="DeskCard">
      {title && <h4>{title}</h4>}
      {children}
      {foot && <footer>{foot}</footer>}
    </article>
  );
}

/** A card of the customer's page in the workbench's density; nothing on it can be tapped. */
export function DeskCard({ card }: { card: Card }) {
  switch (card.type) {
    case 'product':
      return (
        <Sheet>
          <Line
            picture={card.picture}
            name={card.name}
            small={[card.no, ...card.tags].join(' · ')}
            end={card.finalPrice && yuan(card.finalPrice)}
          />
        </Sheet>
      );
    case 'order':
      return (
        <Sheet title={card.headline} foot={card.paid && yuan(card.paid)}>
          <p className="DeskCard-no">{card.no}</p>
          {card.lines.map((line, place) => (
            <Line key={place} picture={line.picture} name={line.name} small={`${line.sku} ×${line.quantity}`} />
          ))}
          {card.parcel && (
            <p className="DeskCard-text">
              {card.parcel.carrier} {card.parcel.no} {card.parcel.text}
            </p>
          )}
        </Sheet>
      );
    case 'orders':
      return (
        <Sheet>
          {card.orders.map((order) => (
            <Line key={order.no} picture={order.picture} name={order.name} small={order.no} end={order.headline} />
          ))}
        </Sheet>
      );
    case 'bundle':
      return (
        <Sheet title={card.title} foot={card.bundlePrice && yuan(card.bundlePrice)}>
          {card.items.map((item) => (
            <Line
              key={item.no}
              picture={item.picture}
              name={item.name}
              small={item.reason}
              end={item.finalPrice && yuan(item.finalPrice)}
            />
          ))}
        </Sheet>
      );
    case 'suggestions':
      return (
        <Sheet title={card.title}>
          {card.items.map((item) => (
            <Line
              key={item.no}
              picture={item.picture}
              name={item.name}
              small={item.reason}
              end={item.finalPrice && yuan(item.finalPrice)}
            />
          ))}
        </Sheet>
      );
    case 'rating':
      return (
        <Sheet title={card.title}>
          <p className="DeskCard-scores">{card.scores.map(({ title }) => title).join(' ')}</p>
        </Sheet>
      );
    case 'benefit':
    case 'own_channel':
      return (
        <Sheet title={card.title}>
          <p className="DeskCard-text">{card.text}</p>
        </Sheet>
      );
  }
}
