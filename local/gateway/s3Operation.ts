import type { BackendRequest } from "./message";

const OBJECT: Record<string, string> = {
  GET: "GetObject",
  HEAD: "HeadObject",
  PUT: "PutObject",
  DELETE: "DeleteObject",
};
const UPLOAD: Record<string, string> = {
  GET: "ListParts",
  POST: "CompleteMultipartUpload",
  DELETE: "AbortMultipartUpload",
};
const BUCKET: Record<string, string> = {
  GET: "ListObjects",
  HEAD: "HeadBucket",
  PUT: "CreateBucket",
  DELETE: "DeleteBucket",
};

/** Names of calls about a part of a bucket's configuration, by the name of the part in the query. */
const BUCKET_PARTS: Record<string, Record<string, string>> = {
  delete: { POST: "DeleteObjects" },
  lifecycle: { GET: "GetBucketLifecycleConfiguration", PUT: "PutBucketLifecycleConfiguration" },
  location: { GET: "GetBucketLocation" },
  policy: { GET: "GetBucketPolicy", PUT: "PutBucketPolicy", DELETE: "DeleteBucketPolicy" },
  uploads: { GET: "ListMultipartUploads" },
  versioning: { GET: "GetBucketVersioning", PUT: "PutBucketVersioning" },
  versions: { GET: "ListObjectVersions" },
};

/** Bucket and key of an S3 request, path style (`/bucket/key`) or virtual-hosted style (`bucket.localhost`). */
export function s3Target({ url, headers }: BackendRequest): { bucket: string; key: string } {
  const path = decodeURIComponent(url.split("?")[0] ?? "/").slice(1);
  const host = (headers.host ?? "").split(":")[0] ?? "";
  if (host.includes(".") && !/^[\d.]+$/.test(host)) return { bucket: host.split(".")[0] ?? "", key: path };
  const slash = path.indexOf("/");
  return slash < 0 ? { bucket: path, key: "" } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

/** Name of the S3 API operation, which only method, path and query show. */
export function s3Operation(request: BackendRequest): string {
  const query = new URLSearchParams(request.url.split("?")[1] ?? "");
  const { bucket, key } = s3Target(request);
  if (bucket === "") return "ListBuckets";
  if (key === "") return bucketOperation(request.method, query);
  if (query.has("uploadId")) return uploadOperation(request.method, query);
  if (query.has("uploads")) return "CreateMultipartUpload";
  if (request.method === "PUT" && request.headers["x-amz-copy-source"]) return "CopyObject";
  return OBJECT[request.method] ?? request.method;
}

function bucketOperation(method: string, query: URLSearchParams): string {
  if (method === "GET" && query.get("list-type") === "2") return "ListObjectsV2";
  const part = Object.keys(BUCKET_PARTS).find((name) => query.has(name));
  return (part ? BUCKET_PARTS[part]?.[method] : BUCKET[method]) ?? method;
}

function uploadOperation(method: string, query: URLSearchParams): string {
  if (query.has("partNumber")) return "UploadPart";
  return UPLOAD[method] ?? method;
}
