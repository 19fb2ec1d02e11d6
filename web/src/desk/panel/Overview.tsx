import { App, Button, Select, Tooltip } from 'antd';
import { type ReactNode, useState } from 'react';
import { yuan } from '../../chat/money';
import { Picture } from '../../Picture';
import { useDesk, usePermission, useSnapshot } from '../desk';
import { DeskIcon } from '../DeskIcon';
import { day, moment } from '../moments';
import { serverNow } from '../serverClock';
import type { Chat, Rating } from '../wire';
import { useLanguage, useWords, wordsOf } from '../words';
import type { Talk } from '../workbench';
import type { Beside } from './Panel';
import { WillingnessCurve } from './WillingnessCurve';

export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="Section">
      <h2>
        {title}
        {aside && <small>{aside}</small>}
      </h2>
      {children}
    </section>
  );
}

function Phone({ chat, masked, orderNo }: { chat: string; masked: string; orderNo: string | null }) {
  const desk = useDesk();
  const say = useWords();
  const { message } = App.useApp();
  const maySee = usePermission('customer.clear');
  const [clear, setClear] = useState<string | null>(null);
  return (
    <>
      {clear ?? masked}
      {maySee && clear === null && (
        <Tooltip title={say('auditedHint')}>
          <Button
            type="link"
            size="small"
            onClick={() =>
              void desk.api
                .clear(chat, 'phone', orderNo)
                .then(setClear, (error: unknown) => void message.error(wordsOf(error)))
            }
          >
            {say('showClear')}
          </Button>
        </Tooltip>
      )}
    </>
  );
}

function NamedAgent({ chat, beside }: { chat: string; beside: Beside }) {
  const desk = useDesk();
  const say = useWords();
  const { message } = App.useApp();
  const mayAssign = usePermission('chat.assign');
  const agents = useSnapshot((snapshot) => snapshot.agents);
  const named = beside.known?.customer.named_agent ?? null;
  const id = typeof named === 'string' ? named : (named?.id ?? null);
  const name = typeof named === 'object' && named ? named.name : (agents.find((agent) => agent.id === id)?.name ?? id);
  if (!mayAssign) return <>{name ?? say('nobody')}</>;
  return (
    <Select
      size="small"
      variant="borderless"
      className="Section-select"
      aria-label={say('namedAgent')}
      value={id ?? ''}
      onOpenChange={(open) => {
        if (open) void desk.loadAgents().catch(() => undefined);
      }}
      options={[
        { value: '', label: say('nobody') },
        ...(id && !agents.some((agent) => agent.id === id) ? [{ value: id, label: name ?? id }] : []),
        ...agents.map((agent) => ({ value: agent.id, label: agent.name })),
      ]}
      onChange={(value) =>
        void desk.api
          .nameAgent(chat, value || null)
          .then(beside.reload, (error: unknown) => void message.error(wordsOf(error)))
      }
    />
  );
}

function Rated({ rating }: { rating: Rating }) {
  const say = useWords();
  return (
    <Section title={say('rating')}>
      {rating.score === null ? (
        <p className="Section-text">{say('ratingWaits')}</p>
      ) : (
        <p className="Section-text">
          <span className="Stars" aria-label={say('scores', rating.score)}>
            {'★'.repeat(rating.score)}
            {'☆'.repeat(5 - rating.score)}
          </span>{' '}
          {rating.tags.join('、')} {rating.text}
        </p>
      )}
    </Section>
  );
}

export function Overview({ chat, talk, beside }: { chat: Chat; talk: Talk; beside: Beside }) {
  const say = useWords();
  const language = useLanguage();
  const { packet, rating } = talk;
  const { known } = beside;
  const willing = known?.willingness ?? null;
  const customer = known?.customer;
  return (
    <div className="Overview">
      {packet && (
        <div className="Packet">
          <p className="Packet-reason">
            <b>{packet.reason_title}</b>
            <time>{moment(packet.at, serverNow(), language)}</time>
          </p>
          {packet.question && <p className="Packet-question">{packet.question}</p>}
          {packet.understood.length > 0 && (
            <p className="Chips" aria-label={say('understood')}>
              {packet.understood.map((each) => (
                <span key={each.intent}>{each.title}</span>
              ))}
            </p>
          )}
        </div>
      )}
      {packet && packet.slots.length > 0 && (
        <Section title={say('notAsked')}>
          <dl className="Facts">
            {packet.slots.map((slot) => (
              <div key={slot.name}>
                <dt>{slot.title}</dt>
                <dd>{slot.value}</dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
      {packet?.product && (
        <Section title={say('inView')}>
          <ProductLine chat={chat.id} product={packet.product} may={talk.may.send ?? false} />
        </Section>
      )}
      <Section title={say('profile')}>
        <dl className="Facts">
          <div>
            <dt>{say('name')}</dt>
            <dd>
              {(customer ?? chat.customer).name}
              {chat.customer.vip && <i className="Mark Mark--vip">{say('vip')}</i>}
            </dd>
          </div>
          {(customer?.level ?? chat.customer.level) && (
            <div>
              <dt>{say('level')}</dt>
              <dd>{customer?.level ?? chat.customer.level}</dd>
            </div>
          )}
          {(customer?.region ?? chat.customer.region) && (
            <div>
              <dt>{say('region')}</dt>
              <dd>{customer?.region ?? chat.customer.region}</dd>
            </div>
          )}
          {customer?.member_since && (
            <div>
              <dt>{say('memberSince')}</dt>
              <dd>{day(customer.member_since)}</dd>
            </div>
          )}
          {customer?.phone_masked && (
            <div>
              <dt>{say('phone')}</dt>
              <dd>
                <Phone chat={chat.id} masked={customer.phone_masked} orderNo={known?.orders[0]?.no ?? null} />
              </dd>
            </div>
          )}
          {chat.customer.id && (
            <div>
              <dt>{say('namedAgent')}</dt>
              <dd>
                <NamedAgent chat={chat.id} beside={beside} />
              </dd>
            </div>
          )}
        </dl>
        {customer && customer.tags.length > 0 && (
          <p className="Chips">
            {customer.tags.map((tag) => (
              <span key={tag}>{tag}</span>
            ))}
          </p>
        )}
      </Section>
      {(willing?.score ?? packet?.willingness?.score ?? null) !== null && (
        <Section title={say('willingness')} aside={willing?.line ?? packet?.willingness?.line}>
          <WillingnessCurve
            score={willing?.score ?? packet?.willingness?.score ?? 0}
            curve={willing?.curve ?? []}
            reasons={willing?.reasons ?? (packet?.willingness?.reasons ?? []).map((words) => ({ words, delta: 0 }))}
          />
        </Section>
      )}
      {rating && <Rated rating={rating} />}
      {known && known.deeds.length > 0 && (
        <Section title={say('deedHistory')}>
          <ul className="Plain">
            {known.deeds.map((deed) => (
              <li key={deed.no} data-used={deed.state === 'refused' || deed.state === 'failed'} title={deed.no}>
                <DeskIcon name="bolt" size={14} />
                <span>
                  {deed.title} · {deed.state_title}
                </span>
                <small>
                  {deed.by_name} <time>{moment(deed.at, serverNow(), language)}</time>
                </small>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {known && known.benefits.length > 0 && (
        <Section title={say('benefits')}>
          <ul className="Plain">
            {known.benefits.map((benefit, place) => (
              <li key={place} data-used={benefit.used}>
                <DeskIcon name="gift" size={14} />
                <span>{benefit.title}</span>
                <small>
                  {benefit.by_name && `${say('givenBy', benefit.by_name)} · `}
                  {benefit.used ? say('used') : benefit.until ? say('until', day(benefit.until)) : ''}
                </small>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function ProductLine({
  chat,
  product,
  may,
}: {
  chat: string;
  product: NonNullable<NonNullable<Talk['packet']>['product']>;
  may: boolean;
}) {
  const desk = useDesk();
  const say = useWords();
  return (
    <div className="ProductLine">
      <Picture src={product.picture} alt="" />
      <span>
        <b>{product.name}</b>
        <small>{product.no}</small>
      </span>
      <span className="ProductLine-end">
        {product.price && <em>{yuan(product.price)}</em>}
        {may && (
          <Button
            type="link"
            size="small"
            onClick={() => desk.say(chat, { card: { kind: 'product', no: product.no } })}
          >
            {say('sendCard')}
          </Button>
        )}
      </span>
    </div>
  );
}
