import type { Json } from "../../../shared/json";
import type { RoleCaller } from "../../gateway/roleCaller";
import type { ItemsInS3 } from "../interpreter/level";
import { StateError } from "../stateError";

/** Reads a list of items from an object in S3, as the state machine's role. @throws StateError States.ItemReaderFailed. */
export async function readItems({ bucket, key, maxItems }: ItemsInS3, caller: RoleCaller): Promise<readonly Json[]> {
  const path = [bucket, ...key.split("/")].map(encodeURIComponent).join("/");
  const { status, body } = await caller.send("s3", { method: "GET", url: `/${path}`, body: Buffer.alloc(0) });
  if (status !== 200) {
    const why = /<Message>(.*?)<\/Message>/s.exec(body.toString())?.[1] ?? "the connection broke";
    throw failed(`Failed to read s3://${bucket}/${key}: ${why}`);
  }
  const items = parsed(body);
  if (!Array.isArray(items)) throw failed("Attempting to map over non-iterable node.");
  return items.slice(0, maxItems);
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw failed(`The object is no JSON: ${error}`);
  }
}

function failed(cause: string): StateError {
  return new StateError("States.ItemReaderFailed", cause);
}
