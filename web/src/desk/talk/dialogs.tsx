import { Alert, App, Button, Checkbox, Input, Modal, Radio, Select, Skeleton } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { codeOf } from '../api';
import { useDesk, useSnapshot } from '../desk';
import { Face } from '../Face';
import { openChat } from '../place';
import type { Agent, Chat } from '../wire';
import { useWords, wordsOf } from '../words';

interface DialogProps {
  chat: Chat;
  onClose: () => void;
}

/** Moves the conversation; what is refused is told in the dialog, and nothing typed is lost. */
function useMove(chat: string, onDone: () => void) {
  const desk = useDesk();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const move = async (what: string, body: Record<string, unknown>) => {
    setBusy(true);
    setProblem(null);
    try {
      await desk.move(chat, what, body);
      onDone();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return { busy, problem, move };
}

function Problem({ error, children }: { error: unknown; children?: ReactNode }) {
  return error ? (
    <Alert className="Dialog-problem" type="error" showIcon message={wordsOf(error)} action={children} />
  ) : null;
}

export function TransferDialog({ chat, onClose }: DialogProps) {
  const desk = useDesk();
  const say = useWords();
  const { message } = App.useApp();
  const groups = useSnapshot((snapshot) => snapshot.me.groups);
  const mine = useSnapshot((snapshot) => snapshot.me.agent?.id ?? null);
  const [agents, setAgents] = useState<readonly Agent[] | null>(null);
  const [kind, setKind] = useState<'agent' | 'group'>('agent');
  const [to, setTo] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const { busy, problem, move } = useMove(chat.id, () => {
    void message.success(say('transferred'));
    openChat(null);
    onClose();
  });

  useEffect(() => {
    desk.loadAgents().then(setAgents, () => setAgents([]));
  }, [desk]);

  const others = (agents ?? [])
    .filter(({ id }) => id !== chat.agent?.id && id !== mine)
    .sort((one, other) => Number(other.reachable) - Number(one.reachable) || one.load - other.load);
  const go = (anyway: boolean) => void move('transfer', { to: { [kind]: to }, note, ...(anyway ? { anyway } : {}) });

  return (
    <Modal
      open
      title={say('transfer')}
      okText={say('transfer')}
      cancelText={say('cancel')}
      okButtonProps={{ disabled: !to, loading: busy }}
      onOk={() => go(false)}
      onCancel={onClose}
      width={480}
    >
      <Problem error={problem}>
        {codeOf(problem) === 'not_reachable' && (
          <Button size="small" onClick={() => go(true)}>
            {say('transferAnyway')}
          </Button>
        )}
      </Problem>
      <Radio.Group
        className="Dialog-kind"
        optionType="button"
        value={kind}
        onChange={({ target }) => {
          setKind(target.value as 'agent' | 'group');
          setTo(null);
        }}
        options={[
          { value: 'agent', label: say('toPerson') },
          { value: 'group', label: say('toGroup') },
        ]}
      />
      <div className="Dialog-choices" role="radiogroup" aria-label={say('transferTo')}>
        {kind === 'agent' && agents === null && <Skeleton active paragraph={{ rows: 3 }} title={false} />}
        {kind === 'agent' &&
          others.map((agent) => (
            <button
              key={agent.id}
              type="button"
              role="radio"
              aria-checked={to === agent.id}
              onClick={() => setTo(agent.id)}
            >
              <Face name={agent.name} id={agent.id} size={28} />
              <b>{agent.name}</b>
              <i className="Dot" data-presence={agent.presence} />
              <small>{say(agent.presence)}</small>
              <em>{agent.reachable ? say('capacityOf', agent.load, agent.capacity) : say('waitsForThem')}</em>
            </button>
          ))}
        {kind === 'group' &&
          groups.map((group) => (
            <button
              key={group.id}
              type="button"
              role="radio"
              aria-checked={to === group.id}
              onClick={() => setTo(group.id)}
            >
              <b>{group.title}</b>
              <em>
                {say('online')} {group.agents.online} · {say('boxQueue')} {group.queued}
              </em>
            </button>
          ))}
        {kind === 'agent' && agents !== null && others.length === 0 && <p>{say('nobody')}</p>}
      </div>
      <label className="Dialog-label" htmlFor="transfer-note">
        {say('note')}
      </label>
      <Input.TextArea
        id="transfer-note"
        rows={3}
        maxLength={500}
        placeholder={say('noteForColleague')}
        value={note}
        onChange={({ target }) => setNote(target.value)}
      />
    </Modal>
  );
}

function SummaryFields({
  summary,
  tags,
  onSummary,
  onTags,
}: {
  summary: string;
  tags: string[];
  onSummary: (text: string) => void;
  onTags: (tags: string[]) => void;
}) {
  const say = useWords();
  const known = useSnapshot((snapshot) => snapshot.me.tags);
  return (
    <>
      <label className="Dialog-label" htmlFor="summary">
        {say('summary')}
      </label>
      <Input.TextArea
        id="summary"
        rows={3}
        maxLength={500}
        placeholder={say('summaryHint')}
        value={summary}
        onChange={({ target }) => onSummary(target.value)}
      />
      <label className="Dialog-label" htmlFor="summary-tags">
        {say('tags')}
      </label>
      <Select
        id="summary-tags"
        mode="tags"
        className="Dialog-select"
        value={tags}
        onChange={onTags}
        options={known.map((tag) => ({ value: tag, label: tag }))}
      />
    </>
  );
}

export function CloseDialog({ chat, wrapsUp, onClose }: DialogProps & { wrapsUp: boolean }) {
  const say = useWords();
  const { message } = App.useApp();
  const rated = useSnapshot((snapshot) => Boolean(snapshot.talks[chat.id]?.rating));
  const [summary, setSummary] = useState(chat.summary ?? '');
  const [tags, setTags] = useState<string[]>(chat.tags ?? []);
  const [asks, setAsks] = useState(!rated);
  const { busy, problem, move } = useMove(chat.id, () => {
    void message.success(say('closed'));
    onClose();
  });
  const close = (then: 'done' | 'wrap_up') =>
    void move('close', { summary: summary.trim(), tags, ask_rating: asks, then });
  return (
    <Modal
      open
      title={say(wrapsUp ? 'finishWrapUp' : 'closeChat')}
      onCancel={onClose}
      width={480}
      footer={
        wrapsUp ? (
          <Button type="primary" loading={busy} onClick={() => void move('wrap-up', { summary: summary.trim(), tags })}>
            {say('finishWrapUp')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{say('cancel')}</Button>
            <Button loading={busy} onClick={() => close('wrap_up')}>
              {say('closeWrapUp')}
            </Button>
            <Button type="primary" loading={busy} onClick={() => close('done')}>
              {say('closeDone')}
            </Button>
          </>
        )
      }
    >
      <Problem error={problem} />
      <SummaryFields summary={summary} tags={tags} onSummary={setSummary} onTags={setTags} />
      {!wrapsUp && (
        <Checkbox
          className="Dialog-check"
          checked={asks}
          disabled={rated}
          onChange={({ target }) => setAsks(target.checked)}
        >
          {rated ? say('rateAsked') : say('askRating')}
        </Checkbox>
      )}
    </Modal>
  );
}

export function ToBotDialog({ chat, onClose }: DialogProps) {
  const say = useWords();
  const [summary, setSummary] = useState('');
  const [tags, setTags] = useState<string[]>([]);
  const { busy, problem, move } = useMove(chat.id, onClose);
  return (
    <Modal
      open
      title={say('toBot')}
      okText={say('toBot')}
      cancelText={say('cancel')}
      okButtonProps={{ loading: busy }}
      onOk={() => void move('to-bot', { summary: summary.trim(), tags })}
      onCancel={onClose}
      width={480}
    >
      <Problem error={problem} />
      <p className="Dialog-hint">{say('toBotHint')}</p>
      <SummaryFields summary={summary} tags={tags} onSummary={setSummary} onTags={setTags} />
    </Modal>
  );
}

function WordsDialog({
  title,
  hint,
  placeholder,
  required,
  busy,
  problem,
  onOk,
  onClose,
}: {
  title: string;
  hint?: string;
  placeholder: string;
  required: boolean;
  busy: boolean;
  problem: unknown;
  onOk: (text: string) => void;
  onClose: () => void;
}) {
  const say = useWords();
  const [text, setText] = useState('');
  return (
    <Modal
      open
      title={title}
      okText={title}
      cancelText={say('cancel')}
      okButtonProps={{ loading: busy, disabled: required && !text.trim() }}
      onOk={() => onOk(text.trim())}
      onCancel={onClose}
      width={440}
    >
      <Problem error={problem} />
      {hint && <p className="Dialog-hint">{hint}</p>}
      <Input.TextArea
        rows={3}
        maxLength={500}
        aria-label={placeholder}
        placeholder={placeholder}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
    </Modal>
  );
}

export function QueueDialog({ chat, onClose }: DialogProps) {
  const say = useWords();
  const { busy, problem, move } = useMove(chat.id, () => {
    openChat(null);
    onClose();
  });
  return (
    <WordsDialog
      title={say('backToQueue')}
      hint={say('backToQueueHint')}
      placeholder={say('noteForColleague')}
      required={false}
      busy={busy}
      problem={problem}
      onOk={(note) => void move('back-to-queue', { note })}
      onClose={onClose}
    />
  );
}

export function TakeOverDialog({ chat, onClose }: DialogProps) {
  const say = useWords();
  const { busy, problem, move } = useMove(chat.id, onClose);
  return (
    <WordsDialog
      title={say('takeOver')}
      hint={say('takeOverWhyHint')}
      placeholder={say('takeOverWhy')}
      required
      busy={busy}
      problem={problem}
      onOk={(why) => void move('take-over', { why })}
      onClose={onClose}
    />
  );
}
