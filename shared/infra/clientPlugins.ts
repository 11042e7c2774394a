/** Plug-ins of esbuild for the AWS SDK's clients: a handler's bundle gets only the parts of each client that it uses. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Plugin } from "esbuild";
import { ERRORS, namedErrorsOnly, SCHEMAS, withShortErrors } from "./clientErrors";
import { withShortRules } from "./endpointRules";
import { noEventSigning, noWebStreams } from "./noStreams";
import { rewriting } from "./rewriting";
import { oneDateParser, oneRegionSigner, sharedFiles, shortPartitions, withShortHeaders } from "./shortClients";

/** A client needs only the version from its package.json; a whole package.json takes 2.5 kB of the bundle. */
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
 * A client's schemas name the keys of their objects by constants, `{ [_h]: … }`. esbuild must assume that a computed key
 * runs code, so it keeps the schemas of every operation: 50 kB of the S3 client. With the constants' values as keys, it
 * leaves out the schemas of operations that are never called.
 */
function withLiteralKeys(source: string): string {
  const constants = new Map([...source.matchAll(/^const (_\w+) = (".*");$/gm)].map(([, name, text]) => [name, text]));
  return source.replaceAll(/\[(_\w+)\]:/g, (key, name: string) => {
    const text = constants.get(name);
    return text === undefined ? key : `${text}:`;
  });
}

/** The same classes in fewer bytes. */
const shortErrors = rewriting("short error classes of SDK clients", ERRORS, withShortErrors);

/** The same rules in fewer bytes. */
const shortRules = rewriting(
  "short endpoint rules of SDK clients",
  /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]endpoint[\\/]bdd\.js$/,
  withShortRules,
);

/**
 * The DynamoDB client prepares for the discovery of endpoints, with a cache and an operation, but none of its operations looks
 * for an endpoint in this way.
 */
const noDiscovery = rewriting(
  "no discovery of DynamoDB's endpoints",
  /@aws-sdk[\\/]client-dynamodb[\\/]dist-es[\\/](DynamoDBClient|runtimeConfig)\.js$/,
  (source) =>
    source
      .replace(/^import .* from "@aws-sdk\/middleware-endpoint-discovery";$/m, "")
      .replace(/resolveEndpointDiscoveryConfig\((\w+), .*\);/, "$1;")
      .replace("loadNodeConfig(NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS, loaderConfig)", "(async () => undefined)"),
);

/** Lambda has no `~/.aws`: settings come from the environment, as credentials do (docs/decisions/0002). */
const noSettingsFiles = rewriting(
  "no files of settings",
  /@smithy[\\/]core[\\/].*[\\/]shared-ini-file-loader[\\/]loadSharedConfigFiles\.js$/,
  (source) =>
    `${source.slice(0, source.indexOf("export const loadSharedConfigFiles"))}
    export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });`,
);

/**
 * JavaScript hashes, for Node versions without native ones. Lambda's Node has all of them, and the SDK prefers those.
 * Without the JavaScript hashes a bundle is 7 kB smaller.
 */
const nativeHashes: Plugin = {
  name: "native hashes",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]@(aws-sdk|smithy)[\\/].*[\\/](Sha1|Sha256|Md5|Crc32)Js\.js$/ }, ({ path }) => {
      const name = basename(path, ".js");
      return { contents: `export class ${name} { constructor() { throw new Error("This bundle has no ${name}."); } }` };
    });
  },
};

/** Directory buckets need a session; Sluice's buckets are ordinary ones, and so are those that DynamoDB exports to. 2.7 kB. */
const noDirectoryBuckets = [
  rewriting("no sessions of directory buckets", /[\\/]S3ExpressIdentityProviderImpl\.js$/, () => {
    return `export class S3ExpressIdentityProviderImpl {
      async getS3ExpressIdentity() {
        throw new Error("This bundle has no directory buckets; see docs/decisions/0004.");
      }
    }`;
  }),
  rewriting("no command for such sessions", /@aws-sdk[\\/]client-s3[\\/]dist-es[\\/]S3Client\.js$/, (source) =>
    source
      .replace(/^import \{ CreateSessionCommand,? \} from .*;$/m, "")
      .replace("session: [() => this, CreateSessionCommand]", "session: []"),
  ),
  rewriting("no requests to directory buckets", /[\\/]s3ExpressMiddleware\.js$/, withoutMiddlewares),
];

/** The same plug-in of a client, which adds nothing. esbuild then leaves out the middlewares themselves. */
function withoutMiddlewares(source: string): string {
  return source.replaceAll(/^ *clientStack\.add.*;$/gm, "");
}

/** S3 keys of the customer's own (`SSECustomerKey`). */
const noCustomerKeys = rewriting("no keys of customers", /[\\/]middleware-ssec\.js$/, withoutMiddlewares);

/** Requests to a bucket in another region (`followRegionRedirects`). */
const noRedirects = rewriting(
  "no redirects to other regions",
  /[\\/]region-redirect-middleware\.js$/,
  withoutMiddlewares,
);

/** Each request names in its header which features of the SDK it used. */
const noFeatures = rewriting("no list of used features", /[\\/]user-agent-middleware\.js$/, (source) =>
  source.replace(/^ *await checkFeatures\(.*;$/m, ""),
);

/** Lambda has no instance metadata, and its region is in the environment. */
const noInstanceMetadata = rewriting(
  "no metadata of instances",
  /@smithy[\\/]core[\\/].*[\\/]getInstanceMetadataRegion\.js$/,
  () => "export const getInstanceMetadataRegion = async () => undefined;",
);

/** The stack decides on the functions' version of Node. */
const noWarnings = rewriting(
  "no warnings of old versions of Node",
  /@aws-sdk[\\/]core[\\/].*[\\/]emitWarningIfUnsupportedVersion\.js$/,
  () => "export const state = { warningEmitted: false };\nexport const emitWarningIfUnsupportedVersion = () => {};",
);

/** The parts of the clients that a handler uses. */
export interface UsedOfClients {
  /** Whether it may name an error; see `namedErrorsOnly`. */
  readonly error: (name: string) => boolean;
  /** Whether it may ask for retries of mode `adaptive`. */
  readonly adaptiveRetries: boolean;
  /** Whether it may encrypt S3 objects with keys of its own. */
  readonly customerKeys: boolean;
  /** Whether it may ask S3's client to follow a bucket into another region. */
  readonly redirects: boolean;
  /** Whether it may give the SDK web streams, or get some from it. */
  readonly webStreams: boolean;
  /** Whether it may sign the messages of event streams. */
  readonly eventSigning: boolean;
}

const EVERYTHING: UsedOfClients = {
  error: () => true,
  adaptiveRetries: true,
  customerKeys: true,
  redirects: true,
  webStreams: true,
  eventSigning: true,
};

/**
 * A client's retry strategy is chosen by name when the client is created. Our clients pace themselves, or use the
 * standard strategy.
 */
const noAdaptiveRetries = rewriting(
  "no adaptive retries",
  /@smithy[\\/]core[\\/].*[\\/]util-retry[\\/]AdaptiveRetryStrategy\.js$/,
  () => `export class AdaptiveRetryStrategy {
    constructor() {
      throw new Error("This bundle has no adaptive retries; see docs/decisions/0004.");
    }
  }`,
);

/** @param used default: everything. */
export function clientPlugins(used: UsedOfClients = EVERYTHING): Plugin[] {
  const lean = (source: string) => withShortHeaders(withLiteralKeys(namedErrorsOnly(source, used.error)));
  const schemas = rewriting("lean schemas of SDK clients", SCHEMAS, lean);
  return [
    ...[clientVersions, schemas, shortErrors, shortRules, shortPartitions, oneRegionSigner, sharedFiles],
    ...[noDiscovery, noSettingsFiles, noInstanceMetadata, noWarnings, nativeHashes, ...noDirectoryBuckets],
    ...oneDateParser,
    noFeatures,
    ...(used.adaptiveRetries ? [] : [noAdaptiveRetries]),
    ...(used.customerKeys ? [] : [noCustomerKeys]),
    ...(used.redirects ? [] : [noRedirects]),
    ...(used.webStreams ? [] : [noWebStreams]),
    ...(used.eventSigning ? [] : [noEventSigning]),
  ];
}
