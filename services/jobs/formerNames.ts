import * as pulumi from "@pulumi/pulumi";

/** Up to commit 4c42c05 (0.1.0, 22 November 2026) this component held everything that two services hold now. */
const SCANNER = { name: "scanner", type: "sluice:scanner:TableScanner" };

/**
 * Former names of the program's parts, when all of them were children of `scanner`: type, name now, name then.
 * Parts of these parts need no line: the engine derives their former names from those of their parents.
 */
const FORMER: readonly (readonly [type: string, name: string, former: string])[] = [
  ["aws:dynamodb/table:Table", "jobs-records-table", "scanner-jobs"],
  ["sluice:infra:PrivateBucket", "jobs-records-results", "scanner-results"],
  ["sluice:infra:JobMail", "jobs-records-mail", "scanner-mail"],
  ["sluice:infra:QueueWithDeadLetters", "jobs-starts", "scanner-starts"],
  ["sluice:infra:BundledFunction", "jobs-start", "scanner-start"],
  ["aws:lambda/eventSourceMapping:EventSourceMapping", "jobs-start-source", "scanner-start-source"],
  ["sluice:infra:ServiceAlarms", "jobs-start-alarm", "scanner-start-alarm"],
  ["sluice:infra:QueueWithDeadLetters", "scanner-units", "scanner-segments"],
];

/**
 * Lets `pulumi up` on an older stack keep the jobs table, the results bucket, queues, log groups and functions. Without
 * this, the engine would create new ones and try to delete the old ones, which are protected.
 */
export const keepFormer: pulumi.ResourceTransformation = ({ type, name, props, opts }) => {
  const line = FORMER.find(([ofType, named]) => ofType === type && named === name);
  if (line === undefined) return undefined;
  const alias = { name: line[2], parent: pulumi.createUrn(SCANNER.name, SCANNER.type) };
  return { props, opts: { ...opts, aliases: [...(opts.aliases ?? []), alias] } };
};
