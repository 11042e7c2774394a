import { s3Operation, s3Target } from "../../../local/gateway/s3Operation";
import { request } from "./requests";

describe("bucket and key", () => {
  test.each([
    ["/", "127.0.0.1:4566", "", ""],
    ["/raw", "127.0.0.1:4566", "raw", ""],
    ["/raw/", "127.0.0.1:4566", "raw", ""],
    ["/raw/a.json", "127.0.0.1:4566", "raw", "a.json"],
    ["/raw/a/b%20c.json?versionId=1", "127.0.0.1:4566", "raw", "a/b c.json"],
    ["/raw/00012021-09-28T12%3A00%3A00%2B02%3A00.json", "127.0.0.1", "raw", "00012021-09-28T12:00:00+02:00.json"],
    ["/raw/a.json", "localhost:4566", "raw", "a.json"],
    ["/a.json", "raw.localhost:4566", "raw", "a.json"],
    ["/", "raw.localhost:4566", "raw", ""],
    ["/raw/%F0%9F%98%80", "127.0.0.1", "raw", "😀"],
  ])("of %s at %s are %j and %j", (url, host, bucket, key) => {
    expect(s3Target(request({ url, headers: { host } }))).toEqual({ bucket, key });
  });
});

describe("operation", () => {
  test.each([
    ["GET", "/", "ListBuckets"],
    ["PUT", "/raw", "CreateBucket"],
    ["HEAD", "/raw", "HeadBucket"],
    ["DELETE", "/raw/", "DeleteBucket"],
    ["GET", "/raw", "ListObjects"],
    ["GET", "/raw?list-type=2&prefix=a", "ListObjectsV2"],
    ["POST", "/raw?delete", "DeleteObjects"],
    ["PUT", "/raw?lifecycle", "PutBucketLifecycleConfiguration"],
    ["GET", "/raw?lifecycle", "GetBucketLifecycleConfiguration"],
    ["GET", "/raw/key", "GetObject"],
    ["HEAD", "/raw/key", "HeadObject"],
    ["PUT", "/raw/key", "PutObject"],
    ["PUT", "/raw/key?x-id=PutObject", "PutObject"],
    ["DELETE", "/raw/key", "DeleteObject"],
    ["POST", "/raw/key?uploads", "CreateMultipartUpload"],
    ["PUT", "/raw/key?partNumber=1&uploadId=x", "UploadPart"],
    ["POST", "/raw/key?uploadId=x", "CompleteMultipartUpload"],
    ["DELETE", "/raw/key?uploadId=x", "AbortMultipartUpload"],
  ])("of %s %s is %s", (method, url, expected) => {
    expect(s3Operation(request({ method, url, headers: { host: "127.0.0.1" } }))).toBe(expected);
  });

  test("of a PUT with a source is CopyObject", () => {
    const headers = { host: "127.0.0.1", "x-amz-copy-source": "raw/other" };
    expect(s3Operation(request({ method: "PUT", url: "/raw/key", headers }))).toBe("CopyObject");
  });
});
