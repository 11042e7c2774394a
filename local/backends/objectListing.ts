import { fauxqsModule } from "./fauxqsModule";

interface StoredObject {
  key: string;
}

interface ListOptions {
  prefix?: string;
  delimiter?: string;
  maxKeys?: number;
  /** Only keys after this one. */
  startAfter?: string;
  marker?: string;
}

interface Listing {
  objects: StoredObject[];
  commonPrefixes: string[];
  isTruncated: boolean;
}

/** The part of fauxqs's S3Store that is patched. */
interface Store {
  buckets: Map<string, Map<string, StoredObject>>;
  listObjects(bucket: string, options?: ListOptions): Listing;
}

const MAX_KEYS = 1_000;

/**
 * fauxqs sorts keys by the language's rules but continues after the last one by its code units, so a listing of several
 * pages loses keys (`b_1` comes before `b-1`, and `b-1` is not after `b_1`). S3 lists in the order of UTF-8 bytes (user
 * guide, "Listing object keys programmatically"). Its store's method is replaced.
 */
export async function listInOrderOfBytes(): Promise<void> {
  const { S3Store } = await fauxqsModule<{ S3Store: { prototype: Store } }>("dist/s3/s3Store.js");
  const original = S3Store.prototype.listObjects;
  S3Store.prototype.listObjects = function (this: Store, bucket, options = {}) {
    const objects = this.buckets.get(bucket);
    // fauxqs itself reports a missing bucket.
    return objects ? listing([...objects.values()], options) : original.call(this, bucket, options);
  };
}

/** One page: objects, and the common prefixes of a delimiter. Each counts as a key. */
function listing(all: StoredObject[], { prefix = "", delimiter, maxKeys = MAX_KEYS, ...from }: ListOptions): Listing {
  const startAfter = from.startAfter ?? from.marker ?? "";
  const page: Listing = { objects: [], commonPrefixes: [], isTruncated: false };
  for (const object of inOrderOfBytes(all.filter(({ key }) => key.startsWith(prefix)))) {
    const rolledUp = commonPrefix(object.key, prefix, delimiter);
    if (rolledUp !== undefined && page.commonPrefixes.at(-1) === rolledUp) continue;
    if (startAfter !== "" && Buffer.compare(Buffer.from(rolledUp ?? object.key), Buffer.from(startAfter)) <= 0)
      continue;
    if (page.objects.length + page.commonPrefixes.length >= maxKeys) return { ...page, isTruncated: true };
    if (rolledUp === undefined) page.objects.push(object);
    else page.commonPrefixes.push(rolledUp);
  }
  return page;
}

function commonPrefix(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
  return end < 0 ? undefined : key.slice(0, end + (delimiter as string).length);
}

function inOrderOfBytes(objects: StoredObject[]): StoredObject[] {
  const keyed = objects.map((object) => ({ object, bytes: Buffer.from(object.key) }));
  return keyed.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ object }) => object);
}
