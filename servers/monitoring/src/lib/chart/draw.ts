import { fileURLToPath } from 'node:url';
import type { ChartData, ChartSize } from './chart-data.ts';
import { chartOption } from './chart-option.ts';
import { THEMES } from './theme.ts';

/** Beside this module also in the built package and in a bundle: a server has no fonts of its own. */
const FONTS = ['./inter-regular.ttf', './inter-semibold.ttf'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);

/** Pixels per unit of the layout: sharp on today's screens, small enough for a model. */
const SCALE = 1.5;

/** Characters that XML cannot hold, whoever put them into a name. */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/**
 * Nothing here can measure text: the mean of this font, a little more for capitals and digits. echarts takes the width of
 * a Chinese character for the height of a line.
 */
function textWidth(text: string, font = ''): number {
  const size = Number(/([\d.]+)px/.exec(font)?.[1] ?? 12);
  const wide = text.match(/[A-Z0-9mwMW@%_]/g)?.length ?? 0;
  const square = text.match(/[\u{2e80}-\u{ffff}]/gu)?.length ?? 0;
  return size * (0.5 * text.length + 0.1 * wide + 0.6 * square);
}

/** The renderers are loaded with the first chart: nothing else needs them. */
async function renderers() {
  const [core, charts, components, svg, resvg] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
    import('@resvg/resvg-js'),
  ]);
  const { GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TitleComponent } = components;
  core.use([
    charts.LineChart,
    GridComponent,
    LegendComponent,
    MarkAreaComponent,
    MarkLineComponent,
    TitleComponent,
    svg.SVGRenderer,
  ]);
  core.setPlatformAPI({ measureText: (text, font) => ({ width: textWidth(text, font) }) });
  return { init: core.init, Resvg: resvg.Resvg };
}

/** A chart as PNG. Takes some 100 ms of computing; the first one also loads the renderers. */
export async function drawChart(
  data: ChartData,
  { width, height }: ChartSize,
  themeName: 'light' | 'dark' = 'light',
): Promise<Uint8Array> {
  const theme = THEMES[themeName];
  const { init, Resvg } = await renderers();
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(chartOption(data, theme));
    const image = new Resvg(chart.renderToSVGString().replace(NOT_XML, ''), {
      background: theme.background,
      fitTo: { mode: 'zoom', value: SCALE },
      font: { loadSystemFonts: false, fontFiles: FONTS, defaultFontFamily: 'Inter' },
    });
    return image.render().asPng();
  } finally {
    chart.dispose();
  }
}
