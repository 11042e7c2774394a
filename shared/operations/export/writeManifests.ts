/** The end of an export: its manifests. If they are written again, they have the same bytes. The summary comes last. */
import { createHash } from "node:crypto";
import { SluiceError } from "../../errors";
import { md5Key } from "../../exports/manifest";
import { putText } from "../../results/putText";
import type { FinishedJob, Tools, UnitResult } from "../operation";
import { type Exported, nothingExported, type ObjectEntry } from "./exported";
import { ExportKeys, type ExportParams } from "./keys";
import { fileLine, summaryOf } from "./summary";

/** The result of an export's job. */
export interface ExportResult {
  readonly items: number;
  readonly objects: number;
  /** Bytes of all data objects, compressed. */
  readonly bytes: number;
  readonly bucket: string;
  /** Key of manifest-summary.json, from which everything else is found. */
  readonly manifest: string;
}

interface Totals {
  items: number;
  objects: number;
  bytes: number;
  endedAt: number;
}

export async function writeManifests(
  job: FinishedJob,
  results: AsyncIterable<UnitResult<Exported>>,
  tools: Tools,
): Promise<ExportResult> {
  const params: ExportParams = job.params;
  const keys = new ExportKeys(params, job.id);
  const totals = { items: 0, objects: 0, bytes: 0, endedAt: job.createdAt };
  const {
    md5,
    sse = "AES256",
    kmsKey = null,
  } = await putText(tools, keys.files, fileLines(results, tools, keys, totals));
  await putText(tools, md5Key(keys.files), [md5]);
  const { items, objects, bytes, endedAt } = totals;
  const summary = JSON.stringify(summaryOf(job, { items, endedAt, bucket: tools.bucket, sse, kmsKey }));
  await putText(tools, md5Key(keys.summary), [md5Of(summary)]);
  await putText(tools, keys.summary, [summary]);
  return { items, objects, bytes, bucket: tools.bucket, manifest: keys.summary };
}

/** The lines of manifest-files.json in the order of segments and objects, added up on the way. One pass over both lists. */
async function* fileLines(
  results: AsyncIterable<UnitResult<Exported>>,
  { entries }: Tools,
  keys: ExportKeys,
  totals: Totals,
): AsyncGenerator<string> {
  const noted = entries.list()[Symbol.asyncIterator]();
  let next = await noted.next();
  for await (const { unit, result = nothingExported, endedAt = 0 } of results) {
    let [objects, items] = [0, 0];
    for (; !next.done && next.value.unit <= unit; next = await noted.next()) {
      // An entry beyond the result belongs to an attempt without a checkpoint.
      if (next.value.unit < unit || next.value.number >= result.objects) continue;
      const entry = next.value.value as ObjectEntry;
      yield fileLine(keys.data(unit, next.value.number), entry);
      objects += 1;
      items += entry.items;
    }
    if (objects !== result.objects || items !== result.items) throw incomplete(unit, result, { objects, items });
    totals.items += items;
    totals.objects += objects;
    totals.bytes += result.bytes;
    totals.endedAt = Math.max(totals.endedAt, endedAt);
  }
}

/** This should never happen; but an incomplete export must not look complete. */
function incomplete(
  unit: number,
  { objects, items }: Exported,
  noted: { objects: number; items: number },
): SluiceError {
  const message = `Unit ${unit} exported ${items} items in ${objects} objects, noted are ${noted.items} in ${noted.objects}.`;
  return new SluiceError("EXPORT_INCOMPLETE", message, { value: noted });
}

function md5Of(text: string): string {
  return createHash("md5").update(text).digest("base64");
}
