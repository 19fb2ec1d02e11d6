import { type ReactNode, useEffect, useRef } from 'react';
import { hour } from '../moments';
import type { DeskMessage } from '../wire';
import type { Finding, OpenedInspection } from './inspectionWire';
import { useInspectionWords } from './inspectionWords';

/** The text with what was found in it marked; findings may overlap, the first one wins. */
export function marked(text: string, findings: readonly Finding[]): ReactNode[] {
  const spans = findings
    .filter((each) => each.start !== null && each.end !== null && each.state === 'standing')
    .sort((a, b) => Number(a.start) - Number(b.start));
  // The server counts characters as Python does; letters beyond the basic plane are two here.
  const letters = Array.from(text);
  const parts: ReactNode[] = [];
  let at = 0;
  for (const { id, start, end, severity, title } of spans) {
    const [from, to] = [Number(start), Number(end)];
    if (from < at || to > letters.length) continue;
    parts.push(letters.slice(at, from).join(''));
    parts.push(
      <mark key={id} data-severity={severity} title={title}>
        {letters.slice(from, to).join('')}
      </mark>,
    );
    at = to;
  }
  parts.push(letters.slice(at).join(''));
  return parts;
}

interface MarkedChatProps {
  opened: OpenedInspection;
  chosen: Finding | null;
  onChoose: (finding: Finding) => void;
}

export function MarkedChat({ opened, chosen, onChoose }: MarkedChatProps) {
  const { inspection, messages, from } = opened;
  const place = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (chosen?.message == null) return;
    place.current?.querySelector(`[data-message="${chosen.message}"]`)?.scrollIntoView({ block: 'center' });
  }, [chosen]);
  const of = (message: DeskMessage) => inspection.findings.filter((each) => each.message === message.id);
  return (
    <ol className="MarkedChat" ref={place}>
      {messages.map((message) => (
        <MarkedLine
          key={message.id}
          message={message}
          findings={of(message)}
          before={from !== null && message.id < from}
          belongs={chosen !== null && (chosen.message === message.id || chosen.further.includes(message.id))}
          onChoose={onChoose}
        />
      ))}
    </ol>
  );
}

interface MarkedLineProps {
  message: DeskMessage;
  findings: Finding[];
  before: boolean;
  belongs: boolean;
  onChoose: (finding: Finding) => void;
}

function MarkedLine({ message, findings, before, belongs, onChoose }: MarkedLineProps) {
  const say = useInspectionWords();
  const standing = findings.filter((each) => each.state === 'standing');
  const text = [message.text, message.card_text, message.attachment?.name].find((each) => each) ?? '';
  return (
    <li
      className="MarkedLine"
      data-author={message.author}
      data-message={message.id}
      data-before={before}
      data-chosen={belongs}
      data-found={standing.length > 0}
    >
      <small>
        {message.name ?? (message.author === 'bot' ? say('bot') : '')} {message.at ? hour(message.at) : ''}
      </small>
      <p>{marked(text, findings)}</p>
      {standing.map((finding) => (
        <button key={finding.id} type="button" data-severity={finding.severity} onClick={() => onChoose(finding)}>
          {finding.title}
        </button>
      ))}
    </li>
  );
}
