import { Button, Input, Table } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useDesk, usePermission } from '../desk';
import { openChat } from '../place';
import { Nothing, Trouble } from '../states';
import type { AuditEntry } from '../wire';
import { useWords } from '../words';

function who(account: AuditEntry['account']): string {
  if (account === null || typeof account === 'string') return account ?? '';
  return account.name ? `${account.name} (${account.login})` : account.login;
}

function detail(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value);
  return Object.entries(value)
    .map(([name, each]) => `${name}: ${typeof each === 'string' ? each : JSON.stringify(each)}`)
    .join('  ');
}

/** Who has looked at what and done what; nothing here can be changed. */
export default function AuditPage() {
  const desk = useDesk();
  const say = useWords();
  const reads = usePermission('audit.read');
  const [account, setAccount] = useState('');
  const [what, setWhat] = useState('');
  const [read, setRead] = useState<{ entries: AuditEntry[]; more: boolean } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const load = useCallback(
    (before?: number) =>
      desk.api.audit({ account: account.trim(), what: what.trim(), before }).then(
        (page) => {
          setRead((known) => (before && known ? { ...page, entries: [...known.entries, ...page.entries] } : page));
          setError(null);
        },
        (refused: unknown) => setError(refused),
      ),
    [desk, account, what],
  );
  useEffect(() => {
    const timer = setTimeout(() => void load(), 200);
    return () => clearTimeout(timer);
  }, [load]);

  if (!reads) return <Nothing icon="shield" title={say('notAllowed')} />;
  const last = read?.entries[read.entries.length - 1]?.id;
  return (
    <main className="Page">
      <header className="Page-head">
        <h1>{say('audit')}</h1>
        <Input
          allowClear
          className="Page-filter"
          aria-label={say('who')}
          placeholder={say('who')}
          value={account}
          onChange={({ target }) => setAccount(target.value)}
        />
        <Input
          allowClear
          className="Page-filter"
          aria-label={say('what')}
          placeholder={say('what')}
          value={what}
          onChange={({ target }) => setWhat(target.value)}
        />
      </header>
      {error ? (
        <Trouble error={error} onRetry={() => void load()} />
      ) : (
        <Table
          size="small"
          rowKey="id"
          loading={read === null}
          dataSource={read?.entries ?? []}
          pagination={false}
          locale={{ emptyText: <Nothing icon="shield" title={say('noAudit')} /> }}
          columns={[
            {
              title: say('at'),
              dataIndex: 'at',
              width: 160,
              render: (at: string) => <time>{new Date(at).toLocaleString('sv-SE')}</time>,
            },
            { title: say('who'), width: 150, render: (_, entry) => who(entry.account) },
            { title: say('what'), dataIndex: 'what', width: 170 },
            {
              title: say('chat'),
              dataIndex: 'chat',
              width: 150,
              ellipsis: true,
              render: (chat: string | null) =>
                chat && (
                  <Button type="link" size="small" onClick={() => openChat(chat)}>
                    {chat.slice(0, 12)}
                  </Button>
                ),
            },
            { title: say('customer'), dataIndex: 'customer', width: 120, ellipsis: true },
            { title: say('detail'), render: (_, entry) => <span className="Detail">{detail(entry.detail)}</span> },
          ]}
        />
      )}
      {read?.more && last !== undefined && (
        <Button
          type="text"
          block
          loading={busy}
          onClick={() => {
            setBusy(true);
            void load(last).finally(() => setBusy(false));
          }}
        >
          {say('loadMore')}
        </Button>
      )}
    </main>
  );
}
