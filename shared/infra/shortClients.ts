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

/**
 * The S3 client's signer without signatures for several regions. They need a library that the project doesn't have, so the SDK's
 * signer refuses them as well.
 */
const ONE_REGION_SIGNER = `import { SignatureV4SignWithCredentials } from "./SignatureV4SignWithCredentials";
export class SignatureV4MultiRegion extends SignatureV4SignWithCredentials {
  static sigv4aDependency() {
    return "none";
  }
  async sign(request, options) {
    if (options?.signingRegion === "*") {
      throw new Error("This bundle has no signatures for several regions; see docs/decisions/0004.");
    }
    return super.sign(request, options);
  }
}
`;

export const oneRegionSigner = rewriting(
  "signatures for one region",
  /@aws-sdk[\\/]signature-v4-multi-region[\\/]dist-es[\\/]SignatureV4MultiRegion\.js$/,
  () => ONE_REGION_SIGNER,
);

/** The SDK brings each parser of dates twice. Bundles keep those of S3's protocol, which all clients can use. 4.7 kB. */
export const oneDateParser = [
  rewriting(
    "the common parsers of dates",
    /@(smithy|aws-sdk)[\\/].*[\\/](parseRetryAfterHeader|JsonShapeDeserializer2?|s3-expires-middleware)\.js$/,
    withCommonParsers,
  ),
  // esbuild leaves out the unused parsers only if it knows that their expressions do nothing else.
  rewriting("no second parsers of dates", /@smithy[\\/]core[\\/]dist-es[\\/].*[\\/]date-utils\.js$/, (source) =>
    source.replaceAll(/= (?=new RegExp\()/g, "= /* @__PURE__ */ "),
  ),
];

const PARSERS = /\b(parseEpochTimestamp|parseRfc3339DateTimeWithOffset|parseRfc7231DateTime)\b/g;

function withCommonParsers(source: string): string {
  return source.replace(/^import .*@smithy\/core\/serde";$/m, (line) => line.replaceAll(PARSERS, "_$1 as $1"));
}

/** A generated file that is the same in most clients. */
const SAME = /@aws-sdk[\\/]client-[\w-]+([\\/]dist-es[\\/]auth[\\/]httpAuthExtensionConfiguration\.js)$/;

/** One copy for all clients whose file doesn't differ: that of the DynamoDB client. */
export const sharedFiles = rewriting("files that clients share", SAME, (source, path) => {
  const first = path.replace(/client-[\w-]+(?=[\\/]dist-es)/, "client-dynamodb");
  const isSame = path !== first && existsSync(first) && readFileSync(first, "utf8") === source;
  return isSame ? `export * from ${JSON.stringify(first)};` : source;
});
