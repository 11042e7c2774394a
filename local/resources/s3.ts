import { readFile } from "node:fs/promises";
import * as pulumi from "@pulumi/pulumi";
import { SluiceError } from "../../shared/errors";
import { autoName, type Inputs, meaningless, type ResourceType } from "./resourceType";

export const bucket: ResourceType = {
  honours: ["bucket"],
  excuses: { forceDestroy: "stopping the local cloud removes everything", tags: "nothing reads tags locally" },
  async create({ name, inputs }, { queuesAndBuckets, region }) {
    const physical = String(inputs.bucket ?? autoName(name));
    const request = { method: "PUT", url: `/${physical}`, headers: {}, body: Buffer.alloc(0) };
    const { status, body } = await queuesAndBuckets.send(request);
    if (status !== 200) throw new Error(`S3 CreateBucket ${physical}: ${body.toString()}`);
    const regionalDomain = `${physical}.s3.${region}.amazonaws.com`;
    return {
      id: physical,
      state: { ...inputs, bucket: physical, arn: `arn:aws:s3:::${physical}`, bucketRegionalDomainName: regionalDomain },
    };
  },
};

export const bucketPolicy: ResourceType = {
  honours: ["bucket", "policy"],
  create({ inputs }, { roles }) {
    roles.setResourcePolicy(`arn:aws:s3:::${inputs.bucket}`, JSON.parse(String(inputs.policy)));
    return { id: String(inputs.bucket), state: inputs };
  },
};

export const versioning: ResourceType = {
  honours: ["bucket", "versioningConfiguration"],
  async create({ name, inputs }, { queuesAndBuckets }) {
    const { status } = inputs.versioningConfiguration as { status: string };
    const body = Buffer.from(`<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`);
    const answer = await queuesAndBuckets.send({
      method: "PUT",
      url: `/${inputs.bucket}?versioning`,
      headers: {},
      body,
    });
    if (answer.status !== 200) throw new Error(`S3 PutBucketVersioning ${name}: ${answer.body.toString()}`);
    return { id: String(inputs.bucket), state: inputs };
  },
};

export const ownershipControls = meaningless("the local cloud has no ACLs");
export const serverSideEncryption = meaningless("objects stay in this process's memory");
export const publicAccessBlock = meaningless("the gateway lets nobody in without credentials");
export const lifecycle = meaningless("a local cloud does not live for days");

export const bucketObject: ResourceType = {
  honours: ["bucket", "key", "content", "contentBase64", "source", "contentType"],
  excuses: { tags: "nothing reads tags locally" },
  async create({ name, inputs }, { queuesAndBuckets }) {
    const { bucket: bucketName, key = name, contentType = "application/octet-stream" } = inputs;
    const url = `/${bucketName}/${String(key).split("/").map(encodeURIComponent).join("/")}`;
    const body = await bodyOf(name, inputs);
    const headers = { "content-type": String(contentType), "content-length": String(body.length) };
    const answer = await queuesAndBuckets.send({ method: "PUT", url, headers, body });
    if (answer.status !== 200) throw new Error(`S3 PutObject ${name}: ${answer.body.toString()}`);
    const { etag } = answer.headers;
    return { id: `${bucketName}/${key}`, state: { ...inputs, key, etag, arn: `arn:aws:s3:::${bucketName}/${key}` } };
  },
};

async function bodyOf(name: string, { content, contentBase64, source }: Inputs): Promise<Buffer> {
  if (content !== undefined) return Buffer.from(String(content));
  if (contentBase64 !== undefined) return Buffer.from(String(contentBase64), "base64");
  if (source instanceof pulumi.asset.FileAsset) return readFile(await source.path);
  if (source instanceof pulumi.asset.StringAsset) return Buffer.from(await source.text);
  throw new SluiceError("INPUT_NOT_HONOURED", `${name}: the local cloud takes objects from a text or a file.`);
}
