/**
 * Exports items to S3 as gzip JSON Lines, in the layout of DynamoDB's own exports.
 *
 *   page ─► deflate ─► put the open object with all its pages ─► note it, if it is complete ─► (checkpoint)
 *   end of the job ─► manifest-files.json ─► manifest-summary.json
 *
 * Exactly once: what counts is what the checkpoint's result speaks of. An object's key depends on job, segment and number
 * only, so a page that is repeated, with whatever items, overwrites what its first attempt left.
 *
 * Nobody else writes to a unit's objects meanwhile: the lease lasts until its holder has been stopped for certain.
 * Otherwise a worker that was thought dead could put an older state over a newer one.
 *
 * Why so: docs/decisions/0201-export-objects.md.
 */
import type { Operation, Page, Tools } from "../operation";
import { objectEntry, putObject, readPages, removeObject } from "./dataObject";
import { type Exported, emptyObject, isFull, nothingExported, type OpenObject } from "./exported";
import { deflatePage, grownSum, gzipFile } from "./gzip";
import { itemLines } from "./itemLines";
import { ExportKeys, type ExportParams, exportOptions, paramProblems } from "./params";
import { writeManifests } from "./writeManifests";

/**
 * The deflated pages of an open object, found by the very result that tells of it: the page loop hands it in again with the
 * next page. A result out of a checkpoint is another object, and its pages are read back from S3. What nobody refers to
 * any more is forgotten, so a worker holds one open object, 4 MB of lines deflated, for each unit it works on.
 */
const pagesOf = new WeakMap<Exported, readonly Buffer[]>();

export const exportItems: Operation<Exported> = {
  options: exportOptions,
  async page(page, soFar = nothingExported, tools) {
    const { items, last, position } = page;
    const params = page.params as ExportParams;
    const key = new ExportKeys(params, position.job).data(position.unit, soFar.objects);
    if (items.length === 0 && (soFar.open === undefined || !last)) {
      // An attempt of this page that met items and was not checkpointed may have left an object that nothing speaks of.
      if (last) await removeObject(tools, key);
      return soFar;
    }
    const { open, pages } = await withPage(soFar, page, key, tools);
    const file = gzipFile(pages, open.text);
    const etag = await putObject(tools, key, file);
    const exported = { ...soFar, items: soFar.items + items.length, open };
    if (!last && !isFull(open)) {
      pagesOf.set(exported, pages);
      return exported;
    }
    await tools.entries.put(position.unit, soFar.objects, objectEntry(open, file, etag));
    return { objects: soFar.objects + 1, items: exported.items, bytes: soFar.bytes + file.length };
  },
  finish: writeManifests,
  check: paramProblems,
  prefixes: ({ id, params }) => [new ExportKeys(params, id).root],
};

/** The open object with the page in it. A last page without items adds nothing, but the object is put once more all the same. */
async function withPage(
  soFar: Exported,
  { items, params }: Page,
  key: string,
  tools: Tools,
): Promise<{ open: OpenObject; pages: readonly Buffer[] }> {
  const { open = emptyObject } = soFar;
  const before = soFar.open === undefined ? [] : (pagesOf.get(soFar) ?? [await readPages(tools, key, soFar.open)]);
  if (items.length === 0) return { open, pages: before };
  const text = Buffer.from(itemLines(items, (params as ExportParams).format ?? "dynamodb-json"));
  const page = await deflatePage(text);
  const grown = {
    pages: open.pages + 1,
    items: open.items + items.length,
    bytes: open.bytes + page.length,
    text: grownSum(open.text, text),
  };
  return { open: grown, pages: [...before, page] };
}
