import { Modal } from 'antd';
import { useWords, type Word } from './words';

const KEYS: readonly (readonly [string, Word])[] = [
  ['Alt+↓ / Alt+↑', 'keyHelpNext'],
  ['Alt+← / Alt+→', 'keyHelpBox'],
  ['Alt+N', 'keyHelpTakeNext'],
  ['Alt+Enter', 'keyHelpClaim'],
  ['Alt+T', 'keyHelpTransfer'],
  ['Alt+E', 'keyHelpClose'],
  ['Alt+I / Esc', 'keyHelpFocus'],
  ['Enter / Ctrl+Enter', 'keyHelpSend'],
  ['/', 'keyHelpReplies'],
  ['Alt+1 2 3', 'keyHelpSuggest'],
  ['Alt+Shift+1 2 3', 'keyHelpSuggestSend'],
  ['Alt+G', 'keyHelpTicket'],
  ['Alt+K', 'keyHelpPromise'],
  ['Ctrl+K', 'keyHelpSearch'],
  ['?', 'keyHelpHelp'],
];

export function KeyHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const say = useWords();
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={say('keys')} width={480}>
      <dl className="Keys">
        {KEYS.map(([keys, word]) => (
          <div key={keys}>
            <dt>
              {keys.split(' / ').map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{say(word)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
