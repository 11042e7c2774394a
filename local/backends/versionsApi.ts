/**
 * The calls about versions that fauxqs's routes lack: enabling them for a bucket, listing them, and deleting lists of them.
 */
import { escapeXml } from "../gateway/errors";
import { type BackendRequest, type BackendResponse, xmlResponse } from "../gateway/message";
import { objectsToDelete } from "../gateway/permissions/needs/deleteObjects";
import { s3Operation, s3Target } from "../gateway/s3Operation";
import type { ObjectStore, RequestContext, Version } from "./objectStore";

const XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
const MAX_KEYS = 1_000;

/** The parts of a request to S3 besides bucket, key and body. */
export function contextOf({ url, headers }: BackendRequest): RequestContext {
  const header = (name: "if-match" | "if-none-match") => headers[name] as string | undefined;
  return {
    versionId: queryOf(url).get("versionId") ?? undefined,
    ifMatch: header("if-match"),
    ifNoneMatch: header("if-none-match"),
  };
}

/** The answer with the headers about versions. */
export function withVersion(response: BackendResponse, { answered }: RequestContext): BackendResponse {
  if (answered === undefined) return response;
  const marker = answered.deleteMarker ? { "x-amz-delete-marker": "true" } : {};
  return { ...response, headers: { ...response.headers, "x-amz-version-id": answered.versionId, ...marker } };
}

/** Answers calls about versions; undefined: fauxqs answers. */
export function answerAboutVersions(store: ObjectStore, request: BackendRequest): BackendResponse | undefined {
  const { bucket } = s3Target(request);
  if (!store.hasBucket(bucket)) return undefined;
  switch (s3Operation(request)) {
    case "PutBucketVersioning":
      return putVersioning(store, bucket, request);
    case "GetBucketVersioning": {
      const status = store.hasVersions(bucket) ? "<Status>Enabled</Status>" : "";
      return xmlResponse(200, `<VersioningConfiguration ${XMLNS}>${status}</VersioningConfiguration>`);
    }
    case "ListObjectVersions":
      return listVersions(store, bucket, queryOf(request.url));
    case "DeleteObjects":
      return store.hasVersions(bucket) ? deleteVersions(store, bucket, request) : undefined;
    default:
      return undefined;
  }
}

function putVersioning(store: ObjectStore, bucket: string, { body }: BackendRequest): BackendResponse {
  if (!/<Status>Enabled<\/Status>/.test(body.toString())) {
    const detail = "<Code>NotImplemented</Code><Message>The local cloud keeps versions once it has begun.</Message>";
    return xmlResponse(501, `<Error>${detail}</Error>`);
  }
  store.keepVersions(bucket);
  return { status: 200, headers: {}, body: Buffer.alloc(0) };
}

/** One page: keys in the order of their bytes, and for each key the newest version first. */
function listVersions(store: ObjectStore, bucket: string, query: URLSearchParams): BackendResponse {
  const prefix = query.get("prefix") ?? "";
  const keys = [...store.versions(bucket)].filter(([key]) => key.startsWith(prefix));
  keys.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const all = keys.flatMap(([key, versions]) => versions.map((version, at) => ({ key, version, latest: at === 0 })));
  const { start, end } = pageOf(all, query);
  const last = all[end - 1];
  const next =
    end < all.length && last
      ? `<NextKeyMarker>${escapeXml(last.key)}</NextKeyMarker>` +
        `<NextVersionIdMarker>${last.version.id}</NextVersionIdMarker>`
      : "";
  const entries = all.slice(start, end).map(({ key, version, latest }) => entry(key, version, latest));
  const truncated = `<IsTruncated>${next !== ""}</IsTruncated>`;
  const head = `<Name>${escapeXml(bucket)}</Name><Prefix>${escapeXml(prefix)}</Prefix>`;
  return xmlResponse(
    200,
    `<ListVersionsResult ${XMLNS}>${head}${truncated}${next}${entries.join("")}</ListVersionsResult>`,
  );
}

function pageOf(all: readonly { key: string; version: Version }[], query: URLSearchParams) {
  const keyMarker = query.get("key-marker") ?? "";
  const versionMarker = query.get("version-id-marker") ?? "";
  const isLast = ({ key, version }: { key: string; version: Version }) =>
    key === keyMarker && (versionMarker === "" || version.id === versionMarker);
  const start = keyMarker === "" ? 0 : all.findLastIndex(isLast) + 1;
  return { start, end: start + Math.min(MAX_KEYS, Number(query.get("max-keys") ?? MAX_KEYS)) };
}

function entry(key: string, version: Version, latest: boolean): string {
  const common =
    `<Key>${escapeXml(key)}</Key><VersionId>${version.id}</VersionId><IsLatest>${latest}</IsLatest>` +
    `<LastModified>${("object" in version ? version.object.lastModified : version.deletedAt).toISOString()}</LastModified>`;
  if (!("object" in version)) return `<DeleteMarker>${common}</DeleteMarker>`;
  const { etag, contentLength } = version.object;
  return `<Version>${common}<ETag>${escapeXml(etag)}</ETag><Size>${contentLength}</Size></Version>`;
}

function deleteVersions(store: ObjectStore, bucket: string, request: BackendRequest): BackendResponse {
  const deleted = objectsToDelete(request).map(({ key, versionId }) => {
    store.within({ versionId }, () => store.deleteObject(bucket, key));
    const version = versionId === undefined ? "" : `<VersionId>${escapeXml(versionId)}</VersionId>`;
    return `<Deleted><Key>${escapeXml(key)}</Key>${version}</Deleted>`;
  });
  const shown = /<Quiet>true<\/Quiet>/i.test(request.body.toString()) ? "" : deleted.join("");
  return xmlResponse(200, `<DeleteResult ${XMLNS}>${shown}</DeleteResult>`);
}

function queryOf(url: string): URLSearchParams {
  return new URLSearchParams(url.split("?")[1] ?? "");
}
