/** Parts of the AWS SDK's clients that do the same in fewer bytes. */
import { existsSync, readFileSync } from "node:fs";
import { rewriting } from "./rewriting";

/** A text member of a request or response that is a header. S3's schemas have hundreds. */
const HEADER = /\[0, \{ "httpHeader": (\w+) \}\]/g;

/**
 * The same schemas, with headers made by a function. Keys must be literal. A function declaration, so that it exists
 * before the schemas.
 */
export function withShortHeaders(source: string): string {
  const short = source.replaceAll(HEADER, "/* @__PURE__ */ inHeader($1)");
  return short === source
    ? source
    : `${short}\n/* @__NO_SIDE_EFFECTS__ */ function inHeader(httpHeader) { return [0, { httpHeader }]; }\n`;
}

/** Descriptions of regions such as "Europe (Ireland)", which no endpoint rule reads. */
export function withoutDescriptions(source: string): string {
  return source.replaceAll(/\{\s*"description": "[^"]*"\s*\}/g, "{}");
}

export const shortPartitions = rewriting(
  "no descriptions of regions",
  /@aws-sdk[\\/]core[\\/].*[\\/]util-endpoints[\\/]lib[\\/]aws[\\/]partitions\.js$/,
  withoutDescriptions,
);

/** Sentences after an error's first one. */
const MORE_TEXT = /("|`) \+\s*(?:"[^"]*"|`[^`]*`)/g;

/** For the errors about signatures for several regions, the first sentences are enough. */
export function withFirstSentences(source: string): string {
  let short = source;
  for (let before = ""; before !== short; ) {
    before = short;
    short = short.replaceAll(MORE_TEXT, "$1");
  }
  return short;
}

export const shortSigningErrors = rewriting(
  "short errors of signatures for several regions",
  /@aws-sdk[\\/]signature-v4-multi-region[\\/]dist-es[\\/]SignatureV4MultiRegion\.js$/,
  withFirstSentences,
);

/** A generated file that is the same in most clients. */
const SAME = /@aws-sdk[\\/]client-[\w-]+([\\/]dist-es[\\/]auth[\\/]httpAuthExtensionConfiguration\.js)$/;

/** One copy for all clients whose file doesn't differ: that of the DynamoDB client. */
export const sharedFiles = rewriting("files that clients share", SAME, (source, path) => {
  const first = path.replace(/client-[\w-]+(?=[\\/]dist-es)/, "client-dynamodb");
  const isSame = path !== first && existsSync(first) && readFileSync(first, "utf8") === source;
  return isSame ? `export * from ${JSON.stringify(first)};` : source;
});
