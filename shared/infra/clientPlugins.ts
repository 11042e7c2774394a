/** Plug-ins of esbuild for the AWS SDK's clients: of each client only what a handler uses gets into its bundle. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Plugin } from "esbuild";
import { ERRORS, namedErrorsOnly, SCHEMAS, withShortErrors } from "./clientErrors";

/** Of its package.json a client needs the version only; whole, each is 2.5 kB of the bundle. */
const clientVersions: Plugin = {
  name: "versions of SDK clients",
  setup: ({ onLoad }) => {
    onLoad({ filter: /@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, "utf8")) as { version: string };
      return { contents: JSON.stringify({ version }), loader: "json" };
    });
  },
};

/**
 * A client's schemas name the keys of their objects by constants, `{ [_h]: … }`. A computed key may run code for all that
 * esbuild knows, so it keeps the schemas of every operation: 50 kB of the S3 client. With the constants' values as keys
 * those of operations that nobody calls fall away.
 */
function withLiteralKeys(source: string): string {
  const constants = new Map([...source.matchAll(/^const (_\w+) = (".*");$/gm)].map(([, name, text]) => [name, text]));
  return source.replaceAll(/\[(_\w+)\]:/g, (key, name: string) => {
    const text = constants.get(name);
    return text === undefined ? key : `${text}:`;
  });
}

/** The same classes in fewer bytes. */
const shortErrors: Plugin = {
  name: "short error classes of SDK clients",
  setup: ({ onLoad }) => {
    onLoad({ filter: ERRORS }, async ({ path }) => ({ contents: withShortErrors(await readFile(path, "utf8")) }));
  },
};

/**
 * Hashes in JavaScript, for where Node's crypto lacks them. Lambda's Node has them all, and the SDK takes those: without the others
 * a bundle is 7 kB smaller.
 */
const nativeHashes: Plugin = {
  name: "native hashes",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]@(aws-sdk|smithy)[\\/].*[\\/](Sha1|Sha256|Md5)Js\.js$/ }, ({ path }) => {
      const name = basename(path, ".js");
      return { contents: `export class ${name} { constructor() { throw new Error("No crypto, and no ${name}."); } }` };
    });
  },
};

/** @param isNamed whether the handler may name an error; see `namedErrorsOnly`. Default: all. */
export function clientPlugins(isNamed: (error: string) => boolean = () => true): Plugin[] {
  const lean = (source: string) => withLiteralKeys(namedErrorsOnly(source, isNamed));
  const schemas: Plugin = {
    name: "lean schemas of SDK clients",
    setup: ({ onLoad }) => {
      onLoad({ filter: SCHEMAS }, async ({ path }) => ({ contents: lean(await readFile(path, "utf8")), loader: "js" }));
    },
  };
  return [clientVersions, schemas, shortErrors, nativeHashes];
}
