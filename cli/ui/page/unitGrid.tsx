/** The units of a job as a grid of cells on a canvas. Arrow keys move over the cells, and screen readers read the cell. */
import { useEffect, useRef, useState } from "preact/hooks";
import { unitPhases } from "../../../shared/jobs/progress";
import { percent, whole } from "../../text/format";
import type { GridCell } from "../contract";
import { colour, useColourScheme } from "./colours";

/** Largest side of a cell, and the room between two, pixels. */
const LARGEST = 22;
const SMALLEST = 9;
const GAP = 2;

export function UnitGrid({ cells }: { cells: readonly GridCell[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [chosen, setChosen] = useState(0);
  const dark = useColourScheme();
  const side = sideOf(cells.length, width);
  const columns = Math.max(1, Math.floor((width + GAP) / (side + GAP)));
  useEffect(() => {
    const element = canvas.current!;
    const resize = new ResizeObserver(() => setWidth(element.parentElement!.clientWidth));
    resize.observe(element.parentElement!);
    return () => resize.disconnect();
  }, []);
  useEffect(() => draw(canvas.current!, cells, { width, side, columns, chosen }), [cells, width, chosen, dark]);
  const last = cells.length - 1;
  const go = (to: number) => setChosen(Math.max(0, Math.min(last, to)));
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const step = steps[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? last : step === undefined ? undefined : chosen + step;
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  };
  const onPointerMove = (event: PointerEvent) => {
    const column = Math.min(columns - 1, Math.floor(event.offsetX / (side + GAP)));
    const at = Math.floor(event.offsetY / (side + GAP)) * columns + column;
    if (at >= 0 && at <= last) setChosen(at);
  };
  const cell = cells[Math.min(chosen, last)];
  return (
    <div class="unit-grid">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="slider"
        aria-label="Units of the job"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={Math.min(chosen, last)}
        aria-valuetext={cell === undefined ? "none" : describeCell(cell)}
        onKeyDown={onKeyDown}
        onPointerMove={onPointerMove}
      />
      <p class="cell-text" aria-hidden="true">
        {cell === undefined ? "" : describeCell(cell)}
      </p>
      <ul class="legend">
        {unitPhases.map((phase) => (
          <li key={phase}>
            <span class={`swatch ${phase}`} aria-hidden="true" />
            {phase}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** `Units 0 to 97, 41 %: 1 failed, 40 done, 57 waiting`. */
export function describeCell({ from, to, share, phases }: GridCell): string {
  const there = unitPhases.filter((phase) => phases[phase] !== undefined);
  if (from === to) return `Unit ${whole(from)}, ${percent(share)}: ${there[0] ?? ""}`;
  const counts = there.map((phase) => `${whole(phases[phase] ?? 0)} ${phase}`).join(", ");
  return `Units ${whole(from)} to ${whole(to)}, ${percent(share)}: ${counts}`;
}

/** For few cells, as large as fits into about four rows; for many, as small as can still be seen. */
function sideOf(cells: number, width: number): number {
  if (width === 0) return SMALLEST;
  const perRow = Math.ceil(cells / 8);
  return Math.max(SMALLEST, Math.min(LARGEST, Math.floor((width + GAP) / Math.max(1, perRow)) - GAP));
}

interface Layout {
  readonly width: number;
  readonly side: number;
  readonly columns: number;
  readonly chosen: number;
}

function draw(canvas: HTMLCanvasElement, cells: readonly GridCell[], { width, side, columns, chosen }: Layout): void {
  const height = Math.ceil(cells.length / columns) * (side + GAP);
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d")!;
  context.scale(scale, scale);
  const empty = colour("--phase-waiting");
  const colours = Object.fromEntries(unitPhases.map((phase) => [phase, colour(`--phase-${phase}`)]));
  for (const [at, { phase, share }] of cells.entries()) {
    const x = (at % columns) * (side + GAP);
    const y = Math.floor(at / columns) * (side + GAP);
    context.fillStyle = empty;
    context.fillRect(x, y, side, side);
    // Cells that fail or retry are visible at once, with any progress.
    const filled = phase === "working" || phase === "waiting" ? Math.max(phase === "working" ? 0.15 : 0, share) : 1;
    context.fillStyle = phase === "waiting" ? colours.working! : colours[phase]!;
    context.fillRect(x, y + side * (1 - filled), side, side * filled);
    if (at !== chosen) continue;
    context.strokeStyle = colour("--text");
    context.lineWidth = 2;
    context.strokeRect(x + 1, y + 1, side - 2, side - 2);
  }
}
