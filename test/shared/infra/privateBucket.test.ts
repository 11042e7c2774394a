import { PrivateBucket, type PrivateBucketArgs } from "../../../shared/infra/privateBucket";
import { deploy } from "./deploy";

const args: PrivateBucketArgs = {
  accountId: "111122223333",
  expirationDays: 0,
  noncurrentVersionDays: 30,
  deletionProtection: true,
};
const made = (changes: Partial<PrivateBucketArgs>) =>
  deploy(() => new PrivateBucket("results", { ...args, ...changes }));
const lifecycle = "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
const ids = (rules: { id: string }[]) => rules.map(({ id }) => id);

test.each<[string, Partial<PrivateBucketArgs>, string[]]>([
  ["with versions", {}, ["drop-incomplete-uploads", "drop-old-versions"]],
  ["with versions, for a time", { expirationDays: 9 }, ["drop-incomplete-uploads", "drop-old-versions", "expire"]],
  ["without versions", { noncurrentVersionDays: "unversioned" }, ["drop-incomplete-uploads"]],
  [
    "without versions, for a time",
    { noncurrentVersionDays: "unversioned", expirationDays: 9 },
    ["drop-incomplete-uploads", "expire"],
  ],
])("a bucket %s", async (_, changes, expected) => {
  const deployment = await made(changes);
  const versioned = changes.noncurrentVersionDays === undefined;
  expect(Object.keys(deployment.ofType("s3/bucketVersioning:BucketVersioning"))).toEqual(
    versioned ? ["results-versioning"] : [],
  );
  expect(ids(deployment.ofType(lifecycle)["results-lifecycle"].rules)).toEqual(expected);
});

test("a bucket without versions is closed in the same way as one with versions", async () => {
  const closed = async (changes: Partial<PrivateBucketArgs>) => {
    const { resources } = await made(changes);
    return resources.filter(({ type }) => !/Versioning|Lifecycle/.test(type));
  };
  expect(await closed({ noncurrentVersionDays: "unversioned" })).toEqual(await closed({}));
});
