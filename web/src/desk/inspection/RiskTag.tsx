import type { Risk } from './inspectionWire';
import { type InspectionWord, useInspectionWords } from './inspectionWords';

export const RISK: Readonly<Record<Risk, InspectionWord>> = {
  none: 'riskNone',
  low: 'riskLow',
  medium: 'riskMedium',
  high: 'riskHigh',
};

/** How much a chat wants a second look: by colour and by word. */
export function ScoreMark({ score, risk }: { score: number; risk: Risk }) {
  const say = useInspectionWords();
  return (
    <span className="ScoreMark" data-risk={risk} title={say(RISK[risk])}>
      {score}
      <span className="OnlySpoken">{say(RISK[risk])}</span>
    </span>
  );
}
