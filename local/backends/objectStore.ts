import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { buildApp } from "fauxqs";
import { fauxqsModule } from "./fauxqsModule";

type Fauxqs = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>["stores"]>["s3Store"];
type StoredObject = ReturnType<Fauxqs["getObject"]>;
/** The part of fauxqs's store that is used here. */
interface S3Store {
  buckets: Map<string, Map<string, StoredObject>>;
  multipartUploads: Map<string, { bucket: string; key: string }>;
  hasBucket(name: string): boolean;
  deleteBucket(name: string): void;
  putObject(...args: Parameters<Fauxqs["putObject"]>): StoredObject;
  completeMultipartUpload(...args: Parameters<Fauxqs["completeMultipartUpload"]>): StoredObject;
  getObject(bucket: string, key: string): StoredObject;
  headObject(bucket: string, key: string): StoredObject;
  deleteObject(bucket: string, key: string): void;
}
type S3StoreClass = new () => S3Store;
type S3ErrorClass = new (code: string, message: string, status: number, resource?: string) => Error;

/** A version of an object, or a delete marker. */
export type Version =
  | { readonly id: string; readonly object: StoredObject }
  | { readonly id: string; readonly deletedAt: Date };

/** The parts of a request besides bucket, key and body, and the parts of its answer besides fauxqs's own. */
export interface RequestContext {
  /** The requested version; undefined: the current one. */
  readonly versionId?: string | undefined;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  /** The version that was made, read or deleted, in a bucket with versions. */
  answered?: { readonly versionId: string; readonly deleteMarker: boolean };
}

/** The version id of an object that was put before the bucket kept versions. */
const NULL_VERSION = "null";

/** A store of objects that keeps versions and checks the conditions of writes. */
export interface ObjectStore extends S3Store {
  /** Calls made by `run` belong to this request. */
  within<T>(context: RequestContext, run: () => T): T;
  keepVersions(bucket: string): void;
  hasVersions(bucket: string): boolean;
  /** Keys with their versions, the newest first. */
  versions(bucket: string): ReadonlyMap<string, readonly Version[]>;
}

/**
 * fauxqs's store keeps no versions and ignores `If-Match` and `If-None-Match`. This one does both. Its methods are
 * synchronous, so a condition and the write that it governs are one step.
 *
 * In a bucket with versions the history of a key holds all its versions, the newest first. fauxqs's own map holds the
 * current objects: the newest versions, unless these are delete markers.
 */
export async function objectStore(): Promise<ObjectStore> {
  const { S3Store: Base } = await fauxqsModule<{ S3Store: S3StoreClass }>("dist/s3/s3Store.js");
  const { S3Error } = await fauxqsModule<{ S3Error: S3ErrorClass }>("dist/common/errors.js");
  const contexts = new AsyncLocalStorage<RequestContext>();

  class VersionedStore extends Base implements ObjectStore {
    readonly #histories = new Map<string, Map<string, Version[]>>();

    within<T>(context: RequestContext, run: () => T): T {
      return contexts.run(context, run);
    }

    keepVersions(bucket: string): void {
      this.#existing(bucket);
      if (!this.hasVersions(bucket)) this.#histories.set(bucket, new Map());
    }

    hasVersions(bucket: string): boolean {
      return this.#histories.has(bucket);
    }

    versions(bucket: string): ReadonlyMap<string, readonly Version[]> {
      const current = this.#existing(bucket);
      const old = [...current].map(([key, object]): [string, Version[]] => [key, [{ id: NULL_VERSION, object }]]);
      return new Map([...old, ...(this.#histories.get(bucket) ?? [])]);
    }

    override putObject(...args: Parameters<S3Store["putObject"]>): StoredObject {
      const [bucket, key] = args;
      return this.#written(bucket, key, () => super.putObject(...args));
    }

    override completeMultipartUpload(...args: Parameters<S3Store["completeMultipartUpload"]>): StoredObject {
      const upload = this.multipartUploads.get(args[0]);
      if (upload === undefined) return super.completeMultipartUpload(...args);
      return this.#written(upload.bucket, upload.key, () => super.completeMultipartUpload(...args));
    }

    override getObject(bucket: string, key: string): StoredObject {
      // The source of a copy may name a version behind its key.
      const [, source = key, ofSource] = /^(.*)\?versionId=(.*)$/s.exec(key) ?? [];
      return this.#read(bucket, source, ofSource ?? contexts.getStore()?.versionId, () =>
        super.getObject(bucket, source),
      );
    }

    override headObject(bucket: string, key: string): StoredObject {
      return this.#read(bucket, key, contexts.getStore()?.versionId, () => super.headObject(bucket, key));
    }

    override deleteObject(bucket: string, key: string): void {
      const history = this.#historyOf(bucket, key);
      const asked = contexts.getStore()?.versionId;
      if (history === undefined) {
        if (asked === undefined || asked === NULL_VERSION) super.deleteObject(bucket, key);
        return;
      }
      if (asked === undefined) {
        const mark = { id: newId(), deletedAt: new Date() };
        history.unshift(mark);
        this.#answer(mark);
      } else {
        const at = history.findIndex(({ id }) => id === asked);
        const [gone] = at < 0 ? [] : history.splice(at, 1);
        if (gone !== undefined) this.#answer(gone);
      }
      this.#showNewest(bucket, key, history);
    }

    override deleteBucket(bucket: string): void {
      const kept = [...(this.#histories.get(bucket)?.values() ?? [])];
      if (kept.some((history) => history.length > 0)) {
        throw new S3Error("BucketNotEmpty", "You must delete all versions in the bucket.", 409);
      }
      super.deleteBucket(bucket);
      this.#histories.delete(bucket);
    }

    #existing(bucket: string): Map<string, StoredObject> {
      const objects = this.buckets.get(bucket);
      if (objects === undefined) {
        throw new S3Error("NoSuchBucket", `The specified bucket does not exist: ${bucket}`, 404);
      }
      return objects;
    }

    /** Undefined: the bucket keeps none. */
    #historyOf(bucket: string, key: string): Version[] | undefined {
      const histories = this.#histories.get(bucket);
      if (histories === undefined) return undefined;
      const before = this.buckets.get(bucket)?.get(key);
      const history = histories.get(key) ?? (before === undefined ? [] : [{ id: NULL_VERSION, object: before }]);
      histories.set(key, history);
      return history;
    }

    #written(bucket: string, key: string, write: () => StoredObject): StoredObject {
      this.#checkConditions(this.#existing(bucket).get(key));
      const history = this.#historyOf(bucket, key);
      const object = write();
      if (history !== undefined) {
        const version = { id: newId(), object };
        history.unshift(version);
        this.#answer(version);
      }
      return object;
    }

    #checkConditions(current: StoredObject | undefined): void {
      const { ifMatch, ifNoneMatch } = contexts.getStore() ?? {};
      if ((ifNoneMatch ?? "*") !== "*") {
        throw new S3Error("NotImplemented", "S3 knows If-None-Match: * and no other value.", 501);
      }
      if (ifMatch !== undefined && current === undefined) {
        throw new S3Error("NoSuchKey", "The specified key does not exist.", 404);
      }
      const unmet = (ifMatch !== undefined && ifMatch !== current?.etag) || (ifNoneMatch !== undefined && current);
      if (unmet) {
        throw new S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
      }
    }

    #read(bucket: string, key: string, asked: string | undefined, read: () => StoredObject): StoredObject {
      const history = this.#historyOf(bucket, key);
      if (history === undefined) return read();
      const version = asked === undefined ? history[0] : history.find(({ id }) => id === asked);
      if (asked !== undefined && version === undefined) {
        throw new S3Error("NoSuchVersion", "The specified version does not exist.", 404);
      }
      if (version !== undefined) this.#answer(version);
      if (asked === undefined || version === undefined) return read();
      if ("object" in version) return version.object;
      throw new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);
    }

    /** Makes the newest version the current one. */
    #showNewest(bucket: string, key: string, [newest]: readonly Version[]): void {
      const objects = this.#existing(bucket);
      if (newest !== undefined && "object" in newest) objects.set(key, newest.object);
      else objects.delete(key);
    }

    #answer(version: Version): void {
      const context = contexts.getStore();
      if (context) context.answered = { versionId: version.id, deleteMarker: "deletedAt" in version };
    }
  }
  return new VersionedStore();
}

function newId(): string {
  return randomUUID().replaceAll("-", "");
}
