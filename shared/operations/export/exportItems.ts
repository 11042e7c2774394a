/**
 * Exports items to S3 as gzip JSON Lines, in the layout of DynamoDB's own exports.
 *
 *   page ─► lines ─► deflated, in memory
 *   flush ─► put the piece that grows ─► (checkpoint)
 *         └► or, if the object is complete: put it ─► entry ─► remove its pieces ─► (checkpoint)
 *   end of the job ─► manifest-files.json ─► manifest-summary.json
 *
 * Exactly once: only the result in the checkpoint counts; see shared/results/openObject.ts.
 */
import { createHash } from "node:crypto";
import { itemLines } from "../../exports/itemLines";
import {
  emptyObject,
  extend,
  isFull,
  isHeld,
  type ObjectPlace,
  type OpenObject,
  putWhole,
  removePieces,
  storePages,
} from "../../results/openObject";
import { removeObject } from "../../results/storedObject";
import type { OperationWork, Page, Tools } from "../operation";
import { type Exported, nothingExported, type ObjectEntry } from "./exported";
import { ExportKeys, type ExportParams } from "./keys";
import { writeManifests } from "./writeManifests";

/** The unit of an open object, and whether the unit ends with it. Keyed by the record itself, as in openObject.ts. */
const ownerOf = new WeakMap<
  OpenObject,
  { readonly unit: number; readonly place: ObjectPlace; readonly last: boolean }
>();

export const exportItems: OperationWork<Exported> = {
  async page(page, soFar = nothingExported, tools) {
    const { items, last, position } = page;
    const place = placeOf(page, soFar.objects);
    if (items.length === 0 && (soFar.open === undefined || !last)) {
      // An attempt that met items but saved no checkpoint may have left an object or its first piece, which no result
      // mentions.
      if (last) {
        await removeObject(tools, place.key);
        await removePieces(undefined, place, tools);
      }
      return soFar;
    }
    const text = itemLines(items, (page.params as ExportParams).format ?? "dynamodb-json");
    const open = await extend(soFar.open ?? emptyObject, { text, items: items.length }, place, tools);
    ownerOf.set(open, { unit: position.unit, place, last });
    return { ...soFar, items: soFar.items + items.length, open };
  },
  async flush(exported, tools) {
    const { open } = exported;
    // An object from a checkpoint that has no page since then is durable.
    if (open === undefined || !isHeld(open)) return exported;
    const owner = ownerOf.get(open)!;
    if (owner.last || isFull(open)) return complete(exported, open, tools);
    const stored = await storePages(open, tools);
    ownerOf.set(stored, owner);
    return { ...exported, open: stored };
  },
  finish: writeManifests,
};

async function complete({ objects, items, bytes }: Exported, open: OpenObject, tools: Tools): Promise<Exported> {
  const { unit, place } = ownerOf.get(open)!;
  const { file, etag } = await putWhole(open, tools);
  const md5 = createHash("md5").update(file).digest("base64");
  const entry: ObjectEntry = { items: open.items, bytes: file.length, md5, etag };
  await tools.entries.put(unit, objects, entry);
  await removePieces(open, place, tools);
  return { objects: objects + 1, items, bytes: bytes + file.length };
}

/** The key of the open object. Its number is the number of objects before it. */
function placeOf({ params, position: { job, unit } }: Page, number: number): ObjectPlace {
  const keys = new ExportKeys(params as ExportParams, job);
  return { key: keys.data(unit, number), pieceKey: (piece) => keys.piece(unit, number, piece) };
}
