import { Button, Spin, Tag } from 'antd';
import { useEffect } from 'react';
import { useDesk } from '../desk';
import { DeskIcon } from '../DeskIcon';
import type { SuggestedAnswer } from '../wire';
import { useWords } from '../words';
import type { Talk } from '../workbench';
import { insertWords } from './inserting';

/** What the bot would answer, one key away; what the customer will likely ask next. */
export function SuggestionStrip({ chat, talk }: { chat: string; talk: Talk }) {
  const desk = useDesk();
  const say = useWords();
  const { suggestions } = talk;
  const answers = suggestions?.answers ?? [];

  const fill = (answer: SuggestedAnswer) => {
    insertWords(answer.text, { suggestion: answer.id, replaces: true });
  };
  const send = (answer: SuggestedAnswer) => {
    desk.say(chat, { text: answer.text, suggestion: answer.id });
    void desk.api.suggestionUsed(chat, answer.id, 'sent').catch(() => undefined);
    desk.dropSuggestions(chat);
  };

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const digit = /^Digit([123])$/.exec(event.code)?.[1];
      if (!event.altKey || event.ctrlKey || !digit) return;
      const answer = answers[Number(digit) - 1];
      if (!answer) return;
      event.preventDefault();
      if (event.shiftKey) send(answer);
      else fill(answer);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });

  if (!suggestions || (!suggestions.pending && !answers.length && !suggestions.next.length)) return null;
  return (
    <section className="Suggestions" aria-label={say('suggestions')}>
      <header>
        <DeskIcon name="spark" size={14} />
        <b>{say('suggestions')}</b>
        {suggestions.pending && !answers.length ? (
          <span role="status">
            <Spin size="small" /> {say('suggestionsPending')}
          </span>
        ) : (
          <span>{say('suggestionsHint')}</span>
        )}
        <button
          type="button"
          aria-label={say('hide')}
          onClick={() => {
            const [first] = answers;
            if (first) void desk.api.suggestionUsed(chat, first.id, 'dismissed').catch(() => undefined);
            desk.dropSuggestions(chat);
          }}
        >
          <DeskIcon name="close" size={14} />
        </button>
      </header>
      {answers.length > 0 && (
        <ol>
          {answers.map((answer, place) => (
            <li key={answer.id}>
              <kbd>{place + 1}</kbd>
              <button
                type="button"
                className="Suggestions-text"
                title={answer.why ?? answer.text}
                onClick={() => fill(answer)}
              >
                {answer.text}
              </button>
              <Tag bordered={false}>{answer.source_title}</Tag>
              <Button
                size="small"
                type="text"
                aria-label={say('send')}
                icon={<DeskIcon name="send" size={14} />}
                onClick={() => send(answer)}
              />
            </li>
          ))}
        </ol>
      )}
      {suggestions.next.length > 0 && (
        <p className="Suggestions-next">
          {say('likelyNext')}
          {suggestions.next.map((each) => (
            <span key={each.question}>
              {each.title}
              {each.share >= 0.01 && <small> {Math.round(each.share * 100)}%</small>}
            </span>
          ))}
        </p>
      )}
    </section>
  );
}
