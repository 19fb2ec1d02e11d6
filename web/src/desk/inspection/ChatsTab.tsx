import { Button, Checkbox, Select, Tag } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import type { Query } from '../api';
import { useSnapshot } from '../desk';
import { moment } from '../moments';
import { serverNow } from '../serverClock';
import { Nothing, Trouble, Waiting } from '../states';
import { useLanguage } from '../words';
import { InspectedChat } from './InspectedChat';
import { useInspectionApi } from './inspectionApi';
import type { Inspected, Overview, Risk } from './inspectionWire';
import { useInspectionWords } from './inspectionWords';
import { RISK, ScoreMark } from './RiskTag';

interface Filters {
  agent: string | null;
  who: 'person' | 'bot' | null;
  risk: Risk | null;
  rule: string | null;
  flagged: boolean;
}

const ANY: Filters = { agent: null, who: null, risk: null, rule: null, flagged: false };

/** Inspected chats with filters, one of them open beside the list. */
export function ChatsTab({
  overview,
  open,
  onOpen,
}: {
  overview: Overview;
  open: number | null;
  onOpen: (id: number) => void;
}) {
  const say = useInspectionWords();
  const language = useLanguage();
  const api = useInspectionApi();
  const agents = useSnapshot((snapshot) => snapshot.agents);
  const [filters, setFilters] = useState<Filters>(ANY);
  const [chats, setChats] = useState<readonly Inspected[] | null>(null);
  const [more, setMore] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const read = useCallback(
    (before: number | null) => {
      const query: Query = { ...filters, flagged: filters.flagged ? 'true' : null, before };
      return api.chats(query).then(
        (found) => {
          setChats((known) => (before === null ? found.chats : [...(known ?? []), ...found.chats]));
          setMore(found.more);
          setError(null);
        },
        (refused: unknown) => setError(refused),
      );
    },
    [api, filters],
  );
  useEffect(() => void read(null), [read]);

  const narrow = (change: Partial<Filters>) => setFilters((known) => ({ ...known, ...change }));
  const filtered = JSON.stringify(filters) !== JSON.stringify(ANY);
  return (
    <div className="Inspection-split">
      <section className="Inspection-list" aria-label={say('tabChats')}>
        <div className="Inspection-filters">
          {overview.may.all && (
            <>
              <Select
                size="small"
                allowClear
                showSearch
                optionFilterProp="label"
                placeholder={say('allAgents')}
                aria-label={say('allAgents')}
                value={filters.agent}
                onChange={(agent?: string) => narrow({ agent: agent ?? null })}
                options={agents.map(({ id, name }) => ({ value: id, label: name }))}
              />
              <Select
                size="small"
                allowClear
                placeholder={say('allWho')}
                aria-label={say('allWho')}
                value={filters.who}
                onChange={(who?: 'person' | 'bot') => narrow({ who: who ?? null })}
                options={(['person', 'bot'] as const).map((who) => ({ value: who, label: say(who) }))}
              />
            </>
          )}
          <Select
            size="small"
            allowClear
            placeholder={say('allRules')}
            aria-label={say('allRules')}
            value={filters.rule}
            onChange={(rule?: string) => narrow({ rule: rule ?? null })}
            options={overview.rules.map(({ id, title }) => ({ value: id, label: title }))}
          />
          <Select
            size="small"
            allowClear
            placeholder={say('allRisks')}
            aria-label={say('allRisks')}
            value={filters.risk}
            onChange={(risk?: Risk) => narrow({ risk: risk ?? null })}
            options={(['high', 'medium', 'low', 'none'] as const).map((risk) => ({
              value: risk,
              label: say(RISK[risk]),
            }))}
          />
          <Checkbox checked={filters.flagged} onChange={(event) => narrow({ flagged: event.target.checked })}>
            {say('flaggedOnly')}
          </Checkbox>
        </div>
        {error ? (
          <Trouble error={error} onRetry={() => void read(null)} />
        ) : chats === null ? (
          <Waiting />
        ) : chats.length === 0 ? (
          <Nothing icon="shield" title={say(filtered ? 'nothingFits' : 'nothingYet')}>
            {filtered ? undefined : say('nothingYetMore')}
          </Nothing>
        ) : (
          <ul className="InspectedRows">
            {chats.map((each) => (
              <li key={each.id}>
                <button type="button" aria-current={each.id === open || undefined} onClick={() => onOpen(each.id)}>
                  <ScoreMark score={each.score} risk={each.risk} />
                  <span>
                    <b>{each.agent?.name ?? say('bot')}</b>
                    <small>
                      {moment(each.ended_at, serverNow(), language)} ·{' '}
                      {say('lines', each.customer_lines, each.own_lines)}
                      {each.by_people !== null && ` · ${say('byPeople')} ${each.by_people}`}
                    </small>
                    <span className="InspectedRows-tags">
                      {each.state === 'failed' && <Tag color="error">{say('failed')}</Tag>}
                      {each.appeals_open > 0 && <Tag color="processing">{say('appealOpen')}</Tag>}
                      {[
                        ...new Set(each.findings.filter((one) => one.state === 'standing').map((one) => one.title)),
                      ].map((title) => (
                        <Tag key={title}>{title}</Tag>
                      ))}
                    </span>
                  </span>
                </button>
              </li>
            ))}
            {more && (
              <li>
                <Button block type="text" onClick={() => void read(chats[chats.length - 1]?.id ?? null)}>
                  {say('more')}
                </Button>
              </li>
            )}
          </ul>
        )}
      </section>
      <section className="Inspection-open">
        {open === null ? (
          <Nothing icon="eye" title={say('pickOne')} />
        ) : (
          <InspectedChat key={open} id={open} onChanged={() => void read(null)} />
        )}
      </section>
    </div>
  );
}
