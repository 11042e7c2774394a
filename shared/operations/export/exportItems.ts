/**
 * Exports items to S3 as gzip JSON Lines, in the layout of DynamoDB's own exports.
 *
 *   page ─► lines ─► put the open object with all its pages ─► entry, if it is complete ─► (checkpoint)
 *   end of the job ─► manifest-files.json ─► manifest-summary.json
 *
 * Exactly once: what counts is what the checkpoint's result says; see shared/results/openObject.ts.
 */
import { createHash } from "node:crypto";
import { type Grown, grow, isFull } from "../../results/openObject";
import { removeObject } from "../../results/storedObject";
import type { Operation } from "../operation";
import { type Exported, nothingExported, type ObjectEntry } from "./exported";
import { itemLines } from "./itemLines";
import { ExportKeys, type ExportParams, exportOptions, paramProblems } from "./params";
import { writeManifests } from "./writeManifests";

export const exportItems: Operation<Exported> = {
  options: exportOptions,
  async page(page, soFar = nothingExported, tools) {
    const { items, last, position } = page;
    const params = page.params as ExportParams;
    const key = new ExportKeys(params, position.job).data(position.unit, soFar.objects);
    if (items.length === 0 && (soFar.open === undefined || !last)) {
      // An attempt of this page that met items and was not checkpointed may have left an object that no result mentions.
      if (last) await removeObject(tools, key);
      return soFar;
    }
    const text = itemLines(items, params.format ?? "dynamodb-json");
    // A last page without items adds nothing, but the object is put once more: it may hold a page that is repeated without items.
    const grown = await grow(soFar.open, items.length === 0 ? undefined : { text, items: items.length }, key, tools);
    const exported = { ...soFar, items: soFar.items + items.length, open: grown.open };
    if (!last && !isFull(grown.open)) return exported;
    await tools.entries.put(position.unit, soFar.objects, entryOf(grown));
    return { objects: soFar.objects + 1, items: exported.items, bytes: soFar.bytes + grown.file.length };
  },
  finish: writeManifests,
  check: paramProblems,
  prefixes: ({ id, params }) => [new ExportKeys(params, id).root],
};

function entryOf({ open, file, etag }: Grown): ObjectEntry {
  return { items: open.items, bytes: file.length, md5: createHash("md5").update(file).digest("base64"), etag };
}
