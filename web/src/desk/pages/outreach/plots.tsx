/** The plots of the report, drawn on a canvas: nothing of them is written into the page as markup. */

import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useContext, useEffect, useMemo, useRef } from 'react';
import { useMedia } from '../../../browser';
import { ClothesContext } from '../../clothes';
import type { Day, LiftLine } from './wire';
import { useOutreachWords } from './words';

echarts.use([
  AriaComponent,
  BarChart,
  CanvasRenderer,
  CustomChart,
  GridComponent,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  TooltipComponent,
]);

const INK = {
  light: { text: '#4a5468', line: '#e3e7ee', brand: '#2f54c8', good: '#1c7443', bad: '#c9302c', open: '#626a78' },
  dark: { text: '#bcc3d1', line: '#2c313d', brand: '#7d9bff', good: '#74cf9a', bad: '#ff8d86', open: '#98a1b3' },
};
type Ink = (typeof INK)['light'];

function useInk(): Ink {
  const { theme } = useContext(ClothesContext);
  const prefersDark = useMedia('(prefers-color-scheme: dark)');
  return INK[theme === 'dark' || (theme === 'auto' && prefersDark) ? 'dark' : 'light'];
}

function Plot({ title, option, height }: { title: string; option: echarts.EChartsCoreOption; height: number }) {
  const say = useOutreachWords();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return;
    const chart = echarts.init(place.current, null, { height });
    const watcher = new ResizeObserver(() => chart.resize());
    watcher.observe(place.current);
    chart.setOption(option);
    return () => {
      watcher.disconnect();
      chart.dispose();
    };
  }, [option, height]);
  return (
    <figure className="Plot">
      <figcaption>{title}</figcaption>
      <div ref={place} role="img" aria-label={say('plotOf', title)} />
    </figure>
  );
}

// What the library hands to a drawing function; only this much of it is used.
interface Drawing {
  value: (dimension: number) => number;
  coord: (place: [number, number]) => [number, number];
}

function colorOf({ verdict }: LiftLine, ink: Ink): string {
  return verdict === 'more' ? ink.good : verdict === 'fewer' ? ink.bad : ink.open;
}

/** Each line's lift with its interval, and nothing at zero. */
export function LiftPlot({ lines }: { lines: readonly LiftLine[] }) {
  const say = useOutreachWords();
  const ink = useInk();
  const option = useMemo(() => {
    const shown = [...lines].reverse();
    const spans = shown.map(({ difference }, at) => [
      (difference?.low ?? 0) * 100,
      at,
      (difference?.high ?? 0) * 100,
      (difference?.value ?? 0) * 100,
    ]);
    return {
      aria: { enabled: true },
      animation: false,
      textStyle: { color: ink.text },
      grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
      tooltip: {
        renderMode: 'richText',
        formatter: ({ data }: { data: number[] }) =>
          `${data[3]?.toFixed(1)} (${data[0]?.toFixed(1)}, ${data[2]?.toFixed(1)}) ${say('points')}`,
      },
      xAxis: { type: 'value', splitLine: { lineStyle: { color: ink.line } }, axisLabel: { formatter: '{value}' } },
      yAxis: {
        type: 'category',
        data: shown.map(({ title, audience, variant }) => [title, audience, variant].filter(Boolean).join(' · ')),
        axisLine: { lineStyle: { color: ink.line } },
        axisTick: { show: false },
        axisLabel: { color: ink.text, width: 150, overflow: 'truncate' },
      },
      series: [
        {
          type: 'custom',
          data: spans,
          encode: { x: [0, 2], y: 1 },
          renderItem: (params: { dataIndex: number }, api: Drawing) => {
            const [left, y] = api.coord([api.value(0), api.value(1)]);
            const [right] = api.coord([api.value(2), api.value(1)]);
            const [middle] = api.coord([api.value(3), api.value(1)]);
            const line = shown[params.dataIndex];
            const color = line ? colorOf(line, ink) : ink.open;
            return {
              type: 'group',
              children: [
                { type: 'line', shape: { x1: left, y1: y, x2: right, y2: y }, style: { stroke: color, lineWidth: 2 } },
                { type: 'circle', shape: { cx: middle, cy: y, r: 4 }, style: { fill: color } },
              ],
            };
          },
          markLine: {
            silent: true,
            symbol: 'none',
            label: { show: false },
            lineStyle: { color: ink.open, type: 'dashed' },
            data: [{ xAxis: 0 }],
          },
        },
      ],
    };
  }, [lines, ink, say]);
  return <Plot title={say('liftPlot')} option={option} height={Math.max(140, 40 + lines.length * 26)} />;
}

/** How many were reminded, how many left alone, and how many of the reminded converted, day by day. */
export function DaysPlot({ days }: { days: readonly Day[] }) {
  const say = useOutreachWords();
  const ink = useInk();
  const option = useMemo(
    () => ({
      aria: { enabled: true },
      animation: false,
      textStyle: { color: ink.text },
      grid: { left: 8, right: 8, top: 34, bottom: 8, containLabel: true },
      legend: { top: 0, textStyle: { color: ink.text } },
      tooltip: { trigger: 'axis', renderMode: 'richText' },
      xAxis: {
        type: 'category',
        data: days.map(({ day }) => day.slice(5)),
        axisLine: { lineStyle: { color: ink.line } },
        axisLabel: { color: ink.text },
      },
      yAxis: { type: 'value', minInterval: 1, splitLine: { lineStyle: { color: ink.line } } },
      series: [
        {
          name: say('totalSent'),
          type: 'bar',
          data: days.map(({ reminded }) => reminded),
          itemStyle: { color: ink.line },
        },
        {
          name: say('held'),
          type: 'bar',
          data: days.map(({ held }) => held),
          itemStyle: { color: ink.open },
        },
        {
          name: say('converted'),
          type: 'line',
          data: days.map(({ converted }) => converted),
          itemStyle: { color: ink.brand },
          lineStyle: { color: ink.brand },
        },
      ],
    }),
    [days, ink, say],
  );
  return <Plot title={say('perDay')} option={option} height={240} />;
}
