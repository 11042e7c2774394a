import type { Call } from "../../call";
import { s3Target } from "../../s3Operation";
import { objectsToDelete } from "./deleteObjects";
import type { ContextValue, Need, RequestContext } from "./need";

/**
 * Calls about a bucket and the IAM action each needs.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
const BUCKET_CALLS: Record<string, string> = {
  CreateBucket: "CreateBucket",
  DeleteBucket: "DeleteBucket",
  GetBucketLifecycleConfiguration: "GetLifecycleConfiguration",
  GetBucketLocation: "GetBucketLocation",
  GetBucketVersioning: "GetBucketVersioning",
  HeadBucket: "ListBucket",
  ListMultipartUploads: "ListBucketMultipartUploads",
  ListObjects: "ListBucket",
  ListObjectsV2: "ListBucket",
  ListObjectVersions: "ListBucketVersions",
  PutBucketLifecycleConfiguration: "PutLifecycleConfiguration",
  PutBucketVersioning: "PutBucketVersioning",
};

/** Calls about an object. For IAM, all calls of a multipart upload are PutObject. */
const OBJECT_CALLS: Record<string, string> = {
  AbortMultipartUpload: "AbortMultipartUpload",
  CompleteMultipartUpload: "PutObject",
  CopyObject: "PutObject",
  CreateMultipartUpload: "PutObject",
  DeleteObject: "DeleteObject",
  GetObject: "GetObject",
  HeadObject: "GetObject",
  ListParts: "ListMultipartUploadParts",
  PutObject: "PutObject",
  UploadPart: "PutObject",
};

/** Actions with a second form for calls that name a version. */
const OF_VERSION: Record<string, string> = { GetObject: "GetObjectVersion", DeleteObject: "DeleteObjectVersion" };

/** Headers that ask for more than the call itself. */
const BY_HEADER: Record<string, string> = { "x-amz-tagging": "PutObjectTagging", "x-amz-acl": "PutObjectAcl" };

type S3Call = Pick<Call, "action" | "request">;

/** The permissions that an S3 call needs; undefined for calls that are not in the tables above. */
export function s3Needs(call: S3Call): Need[] | undefined {
  if (call.action === "ListBuckets") return [{ action: "s3:ListAllMyBuckets", resource: "*", context: {} }];
  const { bucket, key } = s3Target(call.request);
  const context = contextOf(call);
  const need = (action: string, resource = `arn:aws:s3:::${bucket}/${key}`): Need => ({
    action: `s3:${action}`,
    resource,
    context,
  });
  const ofBucket = BUCKET_CALLS[call.action];
  if (ofBucket) return [need(ofBucket, bucketArn(bucket))];
  if (call.action === "DeleteObjects") {
    return objectsToDelete(call.request).map(({ key: each, versionId }) =>
      need(versionId === undefined ? "DeleteObject" : "DeleteObjectVersion", `arn:aws:s3:::${bucket}/${each}`),
    );
  }
  const ofObject = OBJECT_CALLS[call.action];
  if (!ofObject) return undefined;
  const action = queryOf(call).has("versionId") ? (OF_VERSION[ofObject] ?? ofObject) : ofObject;
  const more = Object.entries(BY_HEADER).filter(([header]) => call.request.headers[header] !== undefined);
  const source = copySource(call);
  return [
    ...(source ? [need("GetObject", source)] : []),
    need(action),
    ...(ofObject === "PutObject" ? more.map(([, extra]) => need(extra)) : []),
  ];
}

/**
 * Only callers that may list the bucket learn that a key is missing: without `s3:ListBucket` S3 answers a read of a
 * missing key with 403, not 404. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function needToSeeMissing(call: S3Call): Need | undefined {
  if (call.action !== "GetObject" && call.action !== "HeadObject") return undefined;
  return { action: "s3:ListBucket", resource: bucketArn(s3Target(call.request).bucket), context: contextOf(call) };
}

function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

/** ARN of the object a copy reads: the header is `bucket/key` or `/bucket/key`, perhaps with a version. */
function copySource({ request }: S3Call): string | undefined {
  const header = request.headers["x-amz-copy-source"];
  if (typeof header !== "string") return undefined;
  return `arn:aws:s3:::${decodeURIComponent(header.split("?")[0] ?? "").replace(/^\//, "")}`;
}

function contextOf(call: S3Call): RequestContext {
  const header = (name: string) => (): ContextValue => call.request.headers[name] as string | undefined;
  const query = (name: string) => (): ContextValue => queryOf(call).get(name) ?? undefined;
  return {
    "s3:prefix": query("prefix"),
    "s3:delimiter": query("delimiter"),
    "s3:max-keys": query("max-keys"),
    "s3:versionid": query("versionId"),
    "s3:if-none-match": header("if-none-match"),
    "s3:if-match": header("if-match"),
    "s3:x-amz-acl": header("x-amz-acl"),
    "s3:x-amz-copy-source": header("x-amz-copy-source"),
    "s3:x-amz-server-side-encryption": header("x-amz-server-side-encryption"),
    "s3:x-amz-storage-class": header("x-amz-storage-class"),
    "s3:signatureversion": () => "AWS4-HMAC-SHA256",
  };
}

function queryOf({ request }: S3Call): URLSearchParams {
  return new URLSearchParams(request.url.split("?")[1] ?? "");
}
