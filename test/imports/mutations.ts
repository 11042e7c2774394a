import { mkdir, writeFile } from "node:fs/promises";
import { dirname, extname, join, relative } from "node:path";

/** A file and what it imports: another file by its path from the root, or a package by its name. */
type Import = readonly [file: string, imported: string];

export interface Mutation {
  /** The rule that must report it, and no other. */
  readonly rule: string;
  readonly imports: readonly Import[];
  /** Whether it imports values. Default: only types, which the rules must see as well. */
  readonly values?: boolean;
}

/** A forbidden import for every rule, or several if the rule has several sides. */
export const mutations: readonly Mutation[] = [
  one("no-cycle", ["cli/session.ts", "cli/operator.ts"], ["cli/operator.ts", "cli/session.ts"]),
  one("no-cycle", ["cli/a.ts", "cli/b.ts"], ["cli/b.ts", "cli/c.ts"], ["cli/c.ts", "cli/a.ts"]),
  one("no-folder-cycle", ["cli/jobs/watch.ts", "cli/start/request.ts"], ["cli/start/commands.ts", "cli/jobs/verbs.ts"]),
  one(
    "no-folder-cycle",
    ["local/sns/topics.ts", "local/gateway/throttling/touches.ts"],
    ["local/gateway/permissions/needs/need.ts", "local/lambda/instance.ts"],
    ["local/lambda/functions.ts", "local/sns/mail/mail.ts"],
  ),
  one("resolvable", ["shared/errors.ts", "a-package-that-is-not-there"]),

  one("infrastructure-names-handlers", ["services/ingest/component.ts", "services/ingest/handlers/store.ts"]),
  one("infrastructure-names-handlers", ["services/ingest/permissions.ts", "shared/middleware/retryLater.ts"]),
  one("infrastructure-names-handlers", ["services/ingest/config.ts", "shared/engine/protocol.ts"]),
  one(
    "infrastructure-names-handlers",
    ["index.ts", "services/ingest/parts.ts"],
    ["services/ingest/parts.ts", "services/ingest/handlers/store.ts"],
  ),
  one("runtime-without-pulumi", ["services/ingest/handlers/store.ts", "@pulumi/aws"]),
  one("runtime-without-pulumi", ["services/ingest/desk/rebuild.ts", "@pulumi/aws"]),
  one("runtime-without-pulumi", ["services/ingest/handlers/store.ts", "shared/infra/fields.ts"]),
  one("runtime-without-pulumi", ["shared/jobs/control.ts", "@pulumi/pulumi"]),
  one(
    "runtime-without-pulumi",
    ["services/ingest/handlers/store.ts", "services/ingest/guestSender.ts"],
    ["services/ingest/guestSender.ts", "@pulumi/aws"],
  ),

  one("index-imports", ["index.ts", "cli/session.ts"]),
  one("index-imports", ["index.ts", "shared/jobs/job.ts"]),
  ...[
    "services/ingest/config.ts",
    "cli/operator.ts",
    "local/cloud.ts",
    "bench/main.ts",
    "soak/main.ts",
    "test/a.ts",
  ].map((to) => one("shared-imports", ["shared/aws/update.ts", to])),
  ...["shared/errors.ts", "cli/send.ts", "services/ingest/config.ts", "index.ts"].map((to) =>
    one("sender-imports", ["sender/letter.ts", to]),
  ),
  ...["services/ingest/config.ts", "local/cloud.ts", "test/support/sampleJob.ts"].map((to) =>
    one("cli-imports", ["cli/operator.ts", to]),
  ),
  ...["services/ingest/config.ts", "test/support/virtualTime.ts", "bench/benchmark.ts", "index.ts"].map((to) =>
    one("local-imports", ["local/gateway/gateway.ts", to]),
  ),
  ...["sender/letter.ts", "cli/operator.ts", "local/cloud.ts", "test/support/sampleJob.ts"].map((to) =>
    one("services-imports", ["services/ingest/resultItem.ts", to]),
  ),
  ...["bench/main.ts", "services/ingest/config.ts", "test/support/virtualTime.ts"].map((to) =>
    one("soak-imports", ["soak/scan/judge.ts", to]),
  ),
  ...["soak/main.ts", "test/integration/surveys.ts", "index.ts"].map((to) =>
    one("bench-imports", ["bench/spike/spike.ts", to]),
  ),
  ...["cli/operator.ts", "local/cloud.ts", "sender/letter.ts", "test/support/sampleJob.ts"].map((to) =>
    one("examples-imports", ["examples/ownComponent/jobEnds.ts", to]),
  ),
  one("nobody-needs-benchmarks", ["test/support/virtualTime.ts", "bench/capacity/worker.ts"]),
  one("nobody-needs-benchmarks", ["test/shared/capacity/capacity.test.ts", "bench/capacity/worker.ts"]),

  one("services-apart", ["services/ingest/sizing.ts", "services/scanner/config.ts"]),
  one("services-apart", ["services/jobs/plan.ts", "services/scanner/config.ts"]),
  one("jobs-before-workers", ["services/jobs/component.ts", "services/scanner/component.ts"]),

  one("shared-top-imports", ["shared/errors.ts", "shared/aws/update.ts"]),
  one("shared-aws-imports", ["shared/aws/transient.ts", "shared/capacity/ledger/ledger.ts"]),
  one("shared-infra-imports", ["shared/infra/jobsTable.ts", "shared/jobs/job.ts"]),
  one("shared-capacity-imports", ["shared/capacity/ledger/ledger.ts", "shared/jobs/job.ts"]),
  one("shared-middleware-imports", ["shared/middleware/retryLater.ts", "shared/runtime/sqsHandler.ts"]),
  one("shared-runtime-imports", ["shared/runtime/sqsHandler.ts", "shared/engine/protocol.ts"]),
  ...[
    "drivers/driver.ts",
    "operations/operation.ts",
    "engine/protocol.ts",
    "jobs/job.ts",
    "capacity/ledger/ledger.ts",
  ].map((to) => one("shared-sources-imports", ["shared/sources/table/tableScan.ts", `shared/${to}`])),
  ...[
    "drivers/driver.ts",
    "sources/table/tableScan.ts",
    "sources/registry.ts",
    "engine/protocol.ts",
    "jobs/job.ts",
  ].map((to) => one("shared-operations-imports", ["shared/operations/count/count.ts", `shared/${to}`])),
  ...[
    "operations/count/count.ts",
    "operations/export/deep/params.ts",
    "sources/table/tableScan.ts",
    "engine/protocol.ts",
    "drivers/driver.ts",
  ].map((to) => one("shared-jobs-imports", ["shared/jobs/control.ts", `shared/${to}`])),
  ...["operations/count/count.ts", "sources/registry.ts", "engine/protocol.ts"].map((to) =>
    one("shared-drivers-imports", ["shared/drivers/queue/unitQueue.ts", `shared/${to}`]),
  ),
  ...[
    "operations/registry.ts",
    "sources/table/tableScan.ts",
    "drivers/queue/unitQueue.ts",
    "jobs/control.ts",
    "aws/update.ts",
    "capacity/metering/limits.ts",
  ].map((to) => one("shared-engine-imports", ["shared/engine/protocol.ts", `shared/${to}`])),

  ...["jobs/job.ts", "sources/table/tableScan.ts", "operations/registry.ts", "capacity/worker/limiter.ts"].map((to) =>
    one("shared-cost-imports", ["shared/cost/estimate.ts", `shared/${to}`]),
  ),
  one("shared-exports-imports", ["shared/exports/openExport.ts", "shared/sources/source.ts"]),
  one("shared-worker-imports", ["shared/worker/workChain.ts", "shared/operations/registry.ts"]),
  one("shared-tables-imports", ["shared/tables/schema.ts", "shared/sources/source.ts"]),
  one("shared-writing-imports", ["shared/writing/outcomes.ts", "shared/operations/operation.ts"]),
  one("shared-results-imports", ["shared/results/openObject.ts", "shared/operations/operation.ts"]),
  one("kinds-apart", ["shared/operations/export/params.ts", "shared/operations/count/count.ts"]),
  one("kinds-apart", ["shared/sources/table/tableScan.ts", "shared/sources/keys/keys.ts"]),
  one("declarations-without-work", ["shared/operations/registry.ts", "shared/operations/count/count.ts"]),
  one(
    "declarations-without-work",
    ["shared/operations/registry.ts", "shared/operations/update/declaration.ts"],
    ["shared/operations/update/declaration.ts", "shared/operations/changeItems.ts"],
  ),
  one("work-without-declarations", ["shared/operations/reading.ts", "shared/operations/count/declaration.ts"]),
  one(
    "work-without-declarations",
    ["shared/operations/reading.ts", "shared/operations/export/exportItems.ts"],
    ["shared/operations/export/exportItems.ts", "shared/operations/export/params.ts"],
  ),
  one("kinds-apart", ["shared/drivers/queue/unitQueue.ts", "shared/drivers/workflow/map.ts"]),
  one("registries-name-kinds", ["shared/operations/operation.ts", "shared/operations/count/count.ts"]),
  one("registries-name-kinds", ["shared/sources/source.ts", "shared/sources/table/tableScan.ts"]),
  one("kinds-by-registry", ["cli/start/request.ts", "shared/operations/export/params.ts"]),
  one("kinds-by-registry", ["local/cloud.ts", "shared/sources/table/tableScan.ts"]),
  { ...one("engine-without-sdk", ["shared/engine/protocol.ts", "@aws-sdk/client-dynamodb"]), values: true },
  { ...one("engine-without-sdk", ["shared/operations/operation.ts", "@aws-sdk/client-s3"]), values: true },
];

/** Imports that the rules must allow, although they look similar to forbidden ones. */
export const allowed: readonly Omit<Mutation, "rule">[] = [
  { imports: [["shared/engine/protocol.ts", "@aws-sdk/client-dynamodb"]] },
  { imports: [["shared/engine/protocol.ts", "shared/operations/operation.ts"]] },
  { imports: [["shared/operations/registry.ts", "shared/operations/count/declaration.ts"]], values: true },
  { imports: [["shared/operations/reading.ts", "shared/operations/count/count.ts"]], values: true },
  { imports: [["shared/sources/specs.ts", "shared/sources/table/spec.ts"]] },
  ...["operations/registry.ts", "operations/export/params.ts", "sources/registry.ts", "sources/table/options.ts"].map(
    (to): Omit<Mutation, "rule"> => ({ imports: [["shared/jobs/startRequest.ts", `shared/${to}`]], values: true }),
  ),
  { imports: [["services/scanner/component.ts", "services/jobs/jobMail.ts"]], values: true },
  { imports: [["services/scanner/component.ts", "services/ingest/component.ts"]], values: true },
  { imports: [["services/ingest/handlers/store.ts", "shared/runtime/sqsHandler.ts"]], values: true },
  { imports: [["services/ingest/component.ts", "@pulumi/aws"]], values: true },
  { imports: [["test/bench/spike/spike.test.ts", "bench/spike/spike.ts"]], values: true },
  { imports: [["local/compareExport.ts", "shared/operations/export/params.ts"]], values: true },
  // Two folders of one folder, but both imports lead the same way.
  {
    imports: [
      ["cli/jobs/watch.ts", "cli/text/table.ts"],
      ["cli/jobs/verbs.ts", "cli/text/format.ts"],
    ],
  },
];

function one(rule: string, ...imports: Import[]): Mutation {
  return { rule, imports };
}

/** Writes the files into a folder, with these imports as their only content, and each package with an empty module. */
export async function writeTree(folder: string, { imports, values }: Omit<Mutation, "rule">): Promise<void> {
  const files = new Map<string, string[]>();
  for (const [file, imported] of imports) {
    const name = extname(imported) === ".ts" ? relativeName(file, imported) : imported;
    const lines = files.get(file) ?? [];
    lines.push(values ? `import { thing } from "${name}";` : `import type { Thing } from "${name}";`);
    files.set(file, lines);
  }
  for (const [, imported] of imports) {
    if (extname(imported) === ".ts") files.set(imported, files.get(imported) ?? []);
    else if (imported.startsWith("@")) {
      files.set(`node_modules/${imported}/package.json`, ['{ "main": "index.js" }']);
      files.set(`node_modules/${imported}/index.js`, []);
    }
  }
  for (const [file, lines] of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `${lines.join("\n")}\n`);
  }
}

function relativeName(file: string, imported: string): string {
  const name = relative(dirname(file), imported).replace(/\.ts$/, "");
  return name.startsWith(".") ? name : `./${name}`;
}
