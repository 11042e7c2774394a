/** Reads a list of keys in S3: a unit is a range of it, or some of its objects. */

import { identifyTable } from "../../tables/identity";
import { objectVerdict } from "../objectVerdict";
import type { SourceReader } from "../source";
import { KeyPages } from "./keyPages";
import type { KeysSpec } from "./spec";

export const keysReader: SourceReader<KeysSpec> = {
  sampleOf: ({ sample }) => sample && { share: sample.share },
  kind: "keys",
  open: (unit, tools) => new KeyPages(unit, tools),
  // The table's identity. The list's ETag, or the digest of its objects, shows whether the list is the same.
  identify: ({ table }, dynamodb) => identifyTable({ table }, dynamodb),
  verdict: (error, spec) => {
    const { name, message } = error as Error;
    // BatchGetItem's message is "The provided key element does not match the schema"; DynamoDB Local names required keys.
    if (name === "ValidationException" && /key element|key schema|required keys|type mismatch/i.test(message)) {
      return `The keys of table ${spec.table} are not what they were when the job began: ${message}`;
    }
    const { bucket, list } = spec;
    return objectVerdict(error, spec, `list s3://${bucket}/${list.form === "object" ? list.key : list.prefix}`);
  },
};
