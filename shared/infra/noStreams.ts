/** Plug-ins of esbuild that leave out the AWS SDK's code for streams that no handler of ours uses (docs/decisions/0004). */
import { basename } from "node:path";
import { rewriting } from "./rewriting";

/** Each has one function for web streams beside one for Node's streams. */
const WEB_FILES =
  /@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]serde[\\/]util-stream[\\/](checksum[\\/])?(sdk-stream-mixin|create(BufferedReadable|ChecksumStream)|getAwsChunkedEncodingStream)\.browser\.js$/;
const WEB_FUNCTIONS: Readonly<Record<string, string>> = {
  "sdk-stream-mixin": "sdkStreamMixin",
  createBufferedReadable: "createBufferedReadableStream",
  createChecksumStream: "createChecksumStream",
  getAwsChunkedEncodingStream: "getAwsChunkedEncodingStream",
};

/** Bodies are Node's streams: the SDK's HTTP handler returns only those, and our handlers pass only those. 4 kB. */
export const noWebStreams = rewriting("no web streams", WEB_FILES, (source, path) =>
  withoutFunction(source, WEB_FUNCTIONS[basename(path, ".browser.js")]!),
);

/** The function throws. The file's other exports, which Node's streams need too, stay. */
function withoutFunction(source: string, name: string): string {
  const refusal = `{ throw new Error("This bundle has no web streams."); }`;
  return source
    .replace(
      new RegExp(String.raw`^export function ${name}\(.*\) \{$[^]*?^\}$`, "m"),
      `export function ${name}() ${refusal}`,
    )
    .replace(
      new RegExp(String.raw`^export const ${name} = \(.*\) => \{$[^]*?^\};$`, "m"),
      `export function ${name}() ${refusal}`,
    );
}

/** Only messages of event streams have headers that are signed one by one. 2 kB. */
export const noEventSigning = rewriting(
  "no signatures of events",
  /@smithy[\\/]signature-v4[\\/]dist-es[\\/]HeaderFormatter\.js$/,
  () => `export class Int64 {}
  export class HeaderFormatter {
    format() {
      throw new Error("This bundle has no event streams.");
    }
  }`,
);
