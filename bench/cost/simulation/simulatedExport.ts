/**
 * An export on virtual time. It makes the same requests to S3 as the real one (shared/operations/export,
 * shared/results/openObject.ts): a put of the growing piece with each flush, a put of the whole object when it is complete,
 * and its entry. It deflates nothing.
 */
import type { Operation } from "../../../shared/operations/operation";
import { objectBytes } from "../../../shared/results/openObject";
import { DEFLATED_SHARE, GET_MS, PUT_MS } from "./assumed";

/** Requests that the export has made; deletions are free. */
export interface StoreUse {
  puts: number;
  gets: number;
}

export interface ExportGround {
  readonly use: StoreUse;
  readonly sleep: (ms: number) => Promise<void>;
  /** Writes an entry to the jobs table. */
  readonly putEntry: () => Promise<void>;
}

interface Open {
  /** Bytes of its lines, and of its deflated pages. */
  readonly text: number;
  readonly bytes: number;
  /** Bytes of its pieces that are durable. */
  readonly pieces: readonly number[];
}

interface Exported {
  readonly objects: number;
  readonly open?: Open;
}

/** For an open object in this invocation's memory: how many pieces it would have to read, and whether the unit ends. */
const heldOf = new WeakMap<Open, { readonly missing: number; readonly last: boolean }>();

/** manifest-files.json, manifest-summary.json and the MD5 of each. */
const MANIFESTS = 4;

export function simulatedExport(ground: ExportGround): Operation<Exported> {
  return {
    async page({ scannedBytes, last }, soFar = { objects: 0 }) {
      const open = soFar.open ?? { text: 0, bytes: 0, pieces: [] };
      const { missing } = heldOf.get(open) ?? (await takeUp(open, ground));
      const bytes = open.bytes + scannedBytes * DEFLATED_SHARE;
      const grown = { ...open, text: open.text + scannedBytes, bytes };
      heldOf.set(grown, { missing, last });
      return { ...soFar, open: grown };
    },
    async flush(exported) {
      const { open } = exported;
      const held = open && heldOf.get(open);
      if (open === undefined || held === undefined) return exported;
      const { text, bytes } = open;
      if (held.last || bytes >= objectBytes.most || text >= objectBytes.enough) {
        await complete(open, held.missing, ground);
        return { objects: exported.objects + 1 };
      }
      const stored = await storePiece(open, ground);
      heldOf.set(stored, held);
      return { ...exported, open: stored };
    },
  };
}

/** Puts the manifests at the end of an export. */
export async function putManifests(ground: ExportGround): Promise<void> {
  for (let manifest = 0; manifest < MANIFESTS; manifest++) await put(ground);
}

/** Takes up an object of another invocation: reads the growing piece now, and the full ones when the object is complete. */
async function takeUp({ pieces }: Open, ground: ExportGround): Promise<{ missing: number }> {
  const last = pieces.at(-1);
  if (last === undefined || last >= objectBytes.piece) return { missing: pieces.length };
  await get(ground);
  return { missing: pieces.length - 1 };
}

async function storePiece(open: Open, ground: ExportGround): Promise<Open> {
  const { bytes, pieces } = open;
  const durable = pieces.reduce((sum, piece) => sum + piece, 0);
  if (bytes === durable) return open;
  await put(ground);
  const last = pieces.at(-1);
  const grows = last !== undefined && last < objectBytes.piece;
  const full = grows ? pieces.slice(0, -1) : pieces;
  return { ...open, pieces: [...full, bytes - durable + (grows ? last : 0)] };
}

async function complete({ pieces }: Open, missing: number, ground: ExportGround): Promise<void> {
  for (let piece = 0; piece < missing; piece++) await get(ground);
  await put(ground);
  await ground.putEntry();
  for (let piece = 0; piece <= pieces.length; piece++) await ground.sleep(GET_MS);
}

async function put({ use, sleep }: ExportGround): Promise<void> {
  use.puts += 1;
  await sleep(PUT_MS);
}

async function get({ use, sleep }: ExportGround): Promise<void> {
  use.gets += 1;
  await sleep(GET_MS);
}
