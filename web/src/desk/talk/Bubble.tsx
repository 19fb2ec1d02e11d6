import { Image, Tooltip } from 'antd';
import { memo, useState } from 'react';
import { partsOf } from '../../chat/linkedText';
import { readCard } from '../../chat/cards/card';
import { pictureUrl, safeUrl } from '../../chat/safe';
import { useSnapshot } from '../desk';
import { DeskIcon } from '../DeskIcon';
import { Face } from '../Face';
import { hour } from '../moments';
import type { DeskAttachment, DeskMessage } from '../wire';
import { useWords, type Word } from '../words';
import type { Talk } from '../workbench';
import { DeskCard } from './DeskCard';

function Linked({ text }: { text: string }) {
  return partsOf(text).map((part, place) =>
    part.url ? (
      <a key={place} href={part.url} target="_blank" rel="noopener noreferrer">
        {part.text}
      </a>
    ) : (
      <span key={place}>{part.text}</span>
    ),
  );
}

const KINDS: Readonly<Record<string, Word>> = {
  picture: 'picture',
  voice: 'voice',
  video: 'video',
  file: 'file',
  location: 'location',
};

function size(bytes: number): string {
  return bytes >= 1_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1000))} KB`;
}

function Attached({ attachment }: { attachment: DeskAttachment }) {
  const say = useWords();
  const url = safeUrl(attachment.url);
  const name = attachment.name ?? say(KINDS[attachment.kind] ?? 'file');
  if (attachment.kind === 'location') {
    return (
      <p className="Bubble-file">
        <DeskIcon name="pin" />
        <span>{attachment.label ?? `${attachment.latitude ?? ''}, ${attachment.longitude ?? ''}`}</span>
      </p>
    );
  }
  if (!url) {
    return (
      <p className="Bubble-file">
        <DeskIcon name="file" />
        <span>{name}</span>
      </p>
    );
  }
  switch (attachment.kind) {
    case 'picture':
      return <Image className="Bubble-picture" src={url} alt={name} preview={{ mask: <DeskIcon name="eye" /> }} />;
    case 'voice':
      // eslint-disable-next-line jsx-a11y/media-has-caption
      return <audio src={url} controls preload="none" aria-label={name} />;
    case 'video':
      // eslint-disable-next-line jsx-a11y/media-has-caption
      return <video className="Bubble-picture" src={url} controls preload="metadata" aria-label={name} />;
    default:
      return (
        <a className="Bubble-file" href={url} target="_blank" rel="noopener noreferrer">
          <DeskIcon name="file" />
          <span>{name}</span>
          {attachment.size !== undefined && <small>{size(attachment.size)}</small>}
        </a>
      );
  }
}

function Carded({ card, words }: { card: unknown; words: string | null }) {
  const say = useWords();
  const [asText, setAsText] = useState(false);
  const read = readCard(card);
  if (!read) return words ? <p className="Bubble-text">{words}</p> : null;
  return (
    <div className="Bubble-card">
      {asText && words ? <p className="Bubble-text">{words}</p> : <DeskCard card={read} />}
      {words && (
        <button type="button" className="Bubble-switch" onClick={() => setAsText(!asText)}>
          {say(asText ? 'asCard' : 'asText')}
        </button>
      )}
    </div>
  );
}

function Marks({ message, talk }: { message: DeskMessage; talk: Talk }) {
  const say = useWords();
  const read = message.id <= talk.readTo || message.state === 'read';
  const delivered = read || message.id <= talk.deliveredTo || message.state === 'delivered';
  const word: Word = read ? 'read' : delivered ? 'delivered' : 'written';
  return (
    <span className="Bubble-marks" data-mark={word}>
      <DeskIcon name={delivered ? 'ticks' : 'tick'} size={13} />
      {say(word)}
    </span>
  );
}

export const Bubble = memo(function Bubble({
  message,
  talk,
  repeated,
}: {
  message: DeskMessage;
  talk: Talk;
  repeated: boolean;
}) {
  const say = useWords();
  const me = useSnapshot((snapshot) => snapshot.me.agent?.id ?? null);
  const customer = useSnapshot((snapshot) => snapshot.rows[message.chat]?.customer ?? null);
  const { author, understood } = message;
  if (author === 'system' || message.kind === 'opened') {
    return message.text ? (
      <p className="Talk-notice" data-notice={message.notice}>
        <span>{message.text}</span>
        <time>{hour(message.at)}</time>
      </p>
    ) : null;
  }
  const isOwn = author === 'agent' && message.agent === me;
  const name = author === 'bot' ? say('bot') : author === 'agent' ? (isOwn ? say('you') : (message.name ?? '')) : '';
  const image = pictureUrl(message.image?.url);
  return (
    <div className="Bubble" data-author={author} data-own={isOwn} data-repeated={repeated} data-id={message.id}>
      {author === 'bot' ? (
        <span className="Face Face--bot" data-size={28} aria-hidden="true">
          <DeskIcon name="bot" size={17} />
        </span>
      ) : (
        <Face
          name={author === 'customer' ? (customer?.name ?? say('customer')) : (message.name ?? name)}
          id={author === 'customer' ? (customer?.id ?? message.chat) : (message.agent ?? message.chat)}
          size={28}
        />
      )}
      <div className="Bubble-main">
        {!repeated && author !== 'customer' && <p className="Bubble-name">{name}</p>}
        {message.text && (
          <p className="Bubble-text">
            {message.tapped && <i className="Bubble-tap">{say('tapped')}</i>}
            <Linked text={message.text} />
          </p>
        )}
        {image && <Image className="Bubble-picture" src={image} alt={message.image?.alt ?? ''} />}
        {message.attachment && <Attached attachment={message.attachment} />}
        {message.card !== null && message.card !== undefined && (
          <Carded card={message.card} words={message.card_text} />
        )}
        {message.capsules.length > 0 && (
          <ul className="Bubble-capsules">
            {message.capsules.map(({ title, taken }) => (
              <li key={title} data-taken={taken} title={taken ? say('taken') : undefined}>
                {taken && <DeskIcon name="tick" size={11} />}
                {title}
              </li>
            ))}
          </ul>
        )}
        <p className="Bubble-foot">
          <time>{hour(message.at)}</time>
          {author === 'agent' && <Marks message={message} talk={talk} />}
          {understood && understood.title !== understood.intent && (
            <Tooltip
              title={`${understood.intent}${understood.confidence === null ? '' : ` · ${Math.round(understood.confidence * 100)}%`}`}
            >
              <span className="Bubble-understood">{understood.title}</span>
            </Tooltip>
          )}
          {understood?.mood && (
            <span className="Bubble-mood">{say(understood.mood === 'angry' ? 'angry' : 'negative')}</span>
          )}
        </p>
      </div>
    </div>
  );
});
