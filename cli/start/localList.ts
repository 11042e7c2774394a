/** `--source keys:FILE`: a list of keys on this machine goes into the results bucket, where workers can read it. */
import { createReadStream } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { SluiceError } from "../../shared/errors";
import { listPrefix } from "../../shared/jobs/inputs";
import { putText } from "../../shared/results/putText";
import { removeObject } from "../../shared/results/storedObject";
import type { Operator } from "../operator";
import { resultsOf } from "../results";
import { whyUnreadable } from "../whyUnreadable";
import type { IdentifiedRequest } from "./request";
import type { Input } from "./startJob";

const FORM = /\.(jsonl|csv)(\.gz)?$/;

/** @param root the folder that paths start from. @throws SluiceError USAGE if the file can't be such a list */
export async function checkLocalList(path: string, root: string): Promise<void> {
  const problem = await problemOf(path, root);
  if (problem === undefined) return;
  throw new SluiceError(
    "USAGE",
    `--source keys: must name a file ending in .jsonl or .csv, perhaps with .gz, ${problem}.`,
    {
      value: path,
    },
  );
}

async function problemOf(path: string, root: string): Promise<string | undefined> {
  if (!FORM.test(path)) return `or an object as keys:s3://BUCKET/KEY, got ${path || "nothing"}`;
  const place = resolve(root, path);
  const found = await access(place, constants.R_OK).then(
    () => stat(place),
    (error: Error) => error,
  );
  if (found instanceof Error) return `but ${path} ${whyUnreadable(found)}`;
  return found.isFile() ? undefined : `but ${path} is not a file`;
}

/** Uploads the list, and makes it the request's source. @param signal breaks the upload off. Default: nothing does */
export async function uploadList(
  operator: Operator,
  request: IdentifiedRequest,
  { path, root, signal }: { readonly path: string; readonly root: string; readonly signal?: AbortSignal },
): Promise<Input> {
  const key = `${listPrefix(request.jobId)}${basename(path)}`;
  const withdraw = () => removeObject(resultsOf(operator), key);
  try {
    await putText(resultsOf(operator, signal), key, createReadStream(resolve(root, path)));
  } catch (error) {
    // S3 may have stored the object though its answer is missing.
    await withdraw().catch(() => undefined);
    throw error;
  }
  return { request: { ...request, source: `keys:s3://${operator.resultsBucket}/${key}` }, withdraw };
}
