import { cloneRequest } from "../../../cli/start/cloneRequest";
import { requestOf, valuesOf } from "../../../cli/ui/api/startForm";
import type { Job } from "../../../shared/jobs/job";
import { startForm } from "../../../shared/jobs/startRequest";
import { job } from "../jobs/jobs";

const list = { form: "object", key: "lists/a/keys.csv", etag: "e", bytes: 1, gzip: false, from: { line: 0 } };
const writing = [{ direction: "write", table: "orders", limits: { table: 50 } }] as const;

const cases: [string, Partial<Job>, object][] = [
  ["a count", {}, { operation: "count", table: "surveys", readRate: 100 }],
  [
    "what is read of a table",
    {
      source: {
        ...{ kind: "table", table: "surveys", index: "byDay", consistentRead: true, filter: "#q > :q" },
        ...{ names: { "#q": "q1" }, values: { ":q": { N: "3" } } },
      },
    },
    {
      ...{ operation: "count", table: "surveys", readRate: 100, index: "byDay", consistentRead: true },
      ...{ filter: "#q > :q", names: { "#q": "q1" }, typedValues: { ":q": { N: "3" } } },
    },
  ],
  [
    "an update over a list of keys, by the workflow driver, in a group",
    {
      work: { operation: "update", table: "orders" },
      source: {
        kind: "keys",
        table: "orders",
        keys: [],
        bucket: "results",
        list,
        readItems: true,
        consistentRead: false,
      } as never,
      operation: { name: "update", params: { update: { set: { a: 1 } }, keepBefore: true, maxFailures: 5 } },
      ...{ limits: writing, driver: "workflow", limitGroup: "night" },
    },
    {
      ...{ operation: "update", table: "orders", source: "keys:s3://results/lists/a/keys.csv", driver: "workflow" },
      ...{ writeRate: 50, limitGroup: "night", update: { set: { a: 1 } }, keepBefore: true, maxFailures: 5 },
    },
  ],
  [
    "percentages, if the rates were given as such",
    {
      limits: [
        { direction: "read", table: "surveys", limits: { table: 100 }, percentage: "50%" },
        { direction: "write", table: "surveys", limits: { table: 20, indexes: { byDay: 5 } }, percentage: "12.5%" },
      ],
    },
    { operation: "count", table: "surveys", readRate: "50%", writeRate: "12.5%" },
  ],
  [
    "a user's own operation",
    { operation: { name: "countBySize", params: { most: 3 } }, work: { operation: "countBySize", table: "surveys" } },
    { operation: "countBySize", table: "surveys", readRate: 100, params: { most: 3 } },
  ],
];

test.each(cases)("a clone has %s", (_name, of, expected) => {
  const request = cloneRequest(job(of));
  expect(request).toEqual(expected);
  expect(startForm(request).problems).toEqual([]);
});

test.each(cases)("the form gives back %s", (_name, of) => {
  const request = cloneRequest(job(of));
  expect(requestOf(valuesOf(request), "new")).toEqual({ ...request, jobId: "new" });
});
