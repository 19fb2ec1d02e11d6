/** How willing to buy the customer was, second by second, and what moved it. */

const [WIDTH, HEIGHT] = [280, 56];

interface WillingnessCurveProps {
  score: number;
  curve: readonly (readonly [number, number])[];
  reasons: readonly { words: string; delta: number }[];
}

export function WillingnessCurve({ score, curve, reasons }: WillingnessCurveProps) {
  const last = curve[curve.length - 1]?.[0] ?? 0;
  const points = curve.map(([seconds, value]) => [
    last ? (seconds / last) * WIDTH : 0,
    HEIGHT - 3 - Math.min(1, Math.max(0, value)) * (HEIGHT - 6),
  ]);
  const line = points.map(([x = 0, y = 0], place) => `${place ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  return (
    <div className="Willingness">
      <p className="Willingness-score" data-level={score >= 0.6 ? 'high' : score >= 0.35 ? 'middle' : 'low'}>
        <b>{Math.round(score * 100)}</b>
        <small>/100</small>
      </p>
      {curve.length > 1 && (
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path className="Willingness-area" d={`${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
          <path className="Willingness-line" d={line} />
        </svg>
      )}
      {reasons.length > 0 && (
        <ul className="Willingness-reasons">
          {reasons.slice(-4).map(({ words, delta }, place) => (
            <li key={place}>
              <span>{words}</span>
              {delta !== 0 && (
                <em data-sign={delta > 0 ? 'up' : 'down'}>
                  {delta > 0 ? '+' : '−'}
                  {Math.round(Math.abs(delta) * 100)}
                </em>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
