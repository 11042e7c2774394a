/** Plug-ins of esbuild for the AWS SDK's clients: of each client only what a handler uses gets into its bundle. */
import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

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
const literalKeys: Plugin = {
  name: "literal keys in SDK schemas",
  setup: ({ onLoad }) => {
    onLoad({ filter: /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]\w+\.js$/ }, async ({ path }) => {
      return { contents: withLiteralKeys(await readFile(path, "utf8")), loader: "js" };
    });
  },
};

function withLiteralKeys(source: string): string {
  const constants = new Map([...source.matchAll(/^const (_\w+) = (".*");$/gm)].map(([, name, text]) => [name, text]));
  return source.replaceAll(/\[(_\w+)\]:/g, (key, name: string) => {
    const text = constants.get(name);
    return text === undefined ? key : `${text}:`;
  });
}

export const clientPlugins = [clientVersions, literalKeys];
