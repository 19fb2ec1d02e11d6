import { useEffect, useRef } from 'react';
import type { EChartsCoreOption, EChartsType } from './charts';

interface ChartProps {
  option: EChartsCoreOption;
  /** What the plot says, for who cannot see it. */
  label: string;
  height: number | string;
}

/**
 * A plot. Its tips are drawn on the canvas: those made of HTML carry inline styles, which the page's policy forbids.
 */
export function Chart({ option, label, height }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const wanted = useRef(option);

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let gone = false;
    let observer: ResizeObserver | undefined;
    void import('./charts').then(({ init }) => {
      if (gone) return;
      const made = init(element, null, { renderer: 'canvas' });
      chart.current = made;
      made.setOption(wanted.current);
      observer = new ResizeObserver(() => made.resize());
      observer.observe(element);
    });
    return () => {
      gone = true;
      observer?.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    wanted.current = option;
    chart.current?.setOption(option, { notMerge: true, lazyUpdate: true });
  }, [option]);

  return <div className="Chart" role="img" aria-label={label} ref={place} style={{ height }} />;
}

/** The colours of the page as it is now, for what is drawn on a canvas. */
export function inks(
  element: Element = document.documentElement,
): Record<'ink' | 'faint' | 'line' | 'brand' | 'paper', string> {
  const styles = getComputedStyle(element);
  const of = (name: string) => styles.getPropertyValue(name).trim();
  return {
    ink: of('--ink'),
    faint: of('--ink-faint'),
    line: of('--line'),
    brand: of('--brand'),
    paper: of('--paper'),
  };
}
