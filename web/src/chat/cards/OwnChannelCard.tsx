import { useState } from 'react';
import { copyText } from '../../browser';
import { Icon } from '../../Icon';
import type { OwnChannelCard, QrCode } from './card';
import type { CardActions } from './CardView';

function QrPicture({ qr: { size, path, stroked }, title }: { qr: QrCode; title: string }) {
  return (
    <svg className="QrPicture" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={`${title}（二维码）`}>
      {stroked ? <path d={path} stroke="#000" strokeWidth={1} fill="none" /> : <path d={path} fill="#000" />}
    </svg>
  );
}

function Contact({ name }: { name: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <p className="OwnChannelCard-contact">
      <span>
        微信号 <strong>{name}</strong>
      </span>
      <button
        type="button"
        className="PillButton"
        onClick={() => void copyText(name).then(setCopied)}
        aria-label={`复制微信号 ${name}`}
      >
        {copied ? '已复制' : '复制'}
      </button>
      <span className="OnlySpoken" role="status">
        {copied && '已复制'}
      </span>
    </p>
  );
}

export function OwnChannelCardView({ card, actions }: { card: OwnChannelCard; actions: CardActions }) {
  const { kind, title, text, benefit, qr, link, contact, action } = card;
  return (
    <article className={`ShopCard OwnChannelCard OwnChannelCard--${kind}`} aria-label={title}>
      <h3>{title}</h3>
      {benefit && (
        <p className="OwnChannelCard-benefit">
          <Icon name="gift" size={18} />
          {benefit}
        </p>
      )}
      {qr && <QrPicture qr={qr} title={title} />}
      {text && <p className="OwnChannelCard-text">{text}</p>}
      {contact && <Contact name={contact} />}
      {link && (
        <a
          className="Link OwnChannelCard-link"
          href={link}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={`点这里打开：${title}`}
        >
          点这里打开
        </a>
      )}
      {action && (
        <button type="button" className="PillButton" onClick={() => actions.choose(action)}>
          {action.title}
        </button>
      )}
    </article>
  );
}
