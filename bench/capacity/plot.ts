/** Consumption over time of one cell, Sluice and the baseline, as an SVG file. */

export interface Line {
  readonly name: string;
  readonly color: string;
  /** Share of the limit, one value a second. */
  readonly shares: readonly number[];
}

const WIDTH = 860;
const HEIGHT = 320;
const LEFT = 50;
const TOP = 40;
const RIGHT = 20;
const BOTTOM = 40;

/** Draws the lines over a common scale that ends at the highest value, at most at three times the limit. */
export function plot(title: string, lines: readonly Line[]): string {
  const seconds = Math.max(1, ...lines.map(({ shares }) => shares.length - 1));
  const top = Math.min(3, Math.max(1.2, ...lines.flatMap(({ shares }) => shares)));
  const x = (second: number) => LEFT + (second / seconds) * (WIDTH - LEFT - RIGHT);
  const y = (share: number) => HEIGHT - BOTTOM - (Math.min(share, top) / top) * (HEIGHT - TOP - BOTTOM);
  const path = ({ shares, color }: Line) => {
    const points = shares.map((share, i) => `${x(i).toFixed(1)},${y(share).toFixed(1)}`).join(" ");
    return `<polyline fill="none" stroke="${color}" stroke-width="1.5" points="${points}"/>`;
  };
  const label = ({ name, color }: Line, i: number) => text(WIDTH - RIGHT - 160 * (lines.length - i), 20, name, color);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(LEFT, 20, title, "#222"),
    ...[0, 0.5, 1, 1.5, 2, 2.5, 3]
      .filter((share) => share <= top)
      .map((share) => grid(y(share), `${100 * share} %`, share === 1)),
    ...ticks(seconds).map((second) => text(x(second) - 8, HEIGHT - BOTTOM + 18, `${second} s`, "#555")),
    ...lines.map(path),
    ...lines.map(label),
    "</svg>",
  ].join("\n");
}

function grid(at: number, label: string, limit: boolean): string {
  const stroke = limit ? 'stroke="#222" stroke-dasharray="4 3"' : 'stroke="#ddd"';
  return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" ${stroke}/>${text(8, at + 4, label, "#555")}`;
}

function text(x: number, y: number, content: string, color: string): string {
  return `<text x="${x}" y="${y}" fill="${color}">${content.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text>`;
}

function ticks(seconds: number): number[] {
  const step = [5, 10, 20, 50, 100, 200, 500].find((each) => seconds / each <= 10) ?? 1000;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step);
}
