/**
 * Who may import whom. `test/imports/` checks these rules over the whole graph, type-only imports included, and proves each
 * rule by breaking it. To see what a change breaks: `npx depcruise index.ts services shared sender cli local`.
 *
 * One rule is not here: folders beside each other import each other in one direction only (test/imports/folderCycles.ts).
 * An exception is a path in a rule's `pathNot`, with its reason beside it.
 */

/** What each top folder may import besides itself. Tests may import everything but benchmarks. */
const TOP_FOLDERS = {
  sender: [],
  shared: [],
  services: ["shared/"],
  // What the intake's desk does with the tables and buckets of `ingest`.
  cli: ["sender/", "services/ingest/desk/", "shared/"],
  local: ["cli/", "sender/", "shared/"],
  soak: ["cli/", "local/", "sender/", "shared/"],
  // What a user's own code may import as well.
  examples: ["services/", "shared/"],
  // The simulation in test/support is what the capacity benchmarks measure.
  bench: ["cli/", "local/", "sender/", "services/", "shared/", "test/support/"],
};

const CONTRACTS = ["drivers/driver.ts", "operations/operation.ts", "sources/source.ts"];
const RECORDS = ["jobs/job.ts", "jobs/chain.ts", "jobs/unit.ts", "jobs/stores.ts"];

/** What kinds declare of a start request: its one schema is put together of these. */
const OPTIONS = ["operations/*/params.ts", "sources/*/options.ts"];
const REGISTRIES = ["operations/registry.ts", "sources/registry.ts", "sources/readers.ts", "sources/specs.ts"];

/** What each room of `shared/` may import besides itself and the files at its top (clock, errors, …). */
const SHARED_ROOMS = {
  aws: [],
  infra: [],
  capacity: ["aws/"],
  middleware: ["aws/", "capacity/"],
  runtime: ["aws/", "capacity/", "middleware/"],
  // Facts about tables: keys, indexes, capacity.
  tables: ["aws/", "capacity/metering/"],
  // The format of exports in S3: what one operation writes and one source reads.
  exports: ["aws/"],
  sources: ["aws/", "capacity/metering/", "exports/", "tables/"],
  // How large pages are decides what is lost by rounding.
  cost: ["aws/", "capacity/metering/", "sources/source.ts", "sources/table/pageSize.ts"],
  // Objects in S3, whatever is in them.
  results: ["aws/"],
  // Conditional writes of items.
  writing: ["aws/", "capacity/metering/", "results/", "tables/"],
  operations: ["aws/", "capacity/metering/", "exports/", "results/", "tables/", "writing/", "sources/source.ts"],
  jobs: [
    ...["aws/", "capacity/", "cost/", "tables/", "operations/operation.ts", "sources/source.ts"],
    // Options, outcomes and lists of failures of operations that write.
    "writing/",
    ...REGISTRIES,
    ...OPTIONS,
  ],
  drivers: ["aws/", "capacity/", "jobs/", ...CONTRACTS],
  // Read or write, a word of the contracts; what one worker reads; and the order in which units are claimed, which is arithmetic.
  engine: [
    ...["capacity/metering/direction.ts", "capacity/metering/workerSpeed.ts", "cost/usage.ts", "drivers/shuffle.ts"],
    ...CONTRACTS,
    ...RECORDS,
  ],
  // One worker's turn: puts everything together. It gets its operations from the function it runs in.
  worker: [
    ...["aws/", "capacity/", "cost/", "drivers/", "engine/", "jobs/", "runtime/"],
    ...["writing/batchShortcut.ts", "writing/failureBound.ts"],
    ...["operations/operation.ts", "operations/ownPrefix.ts", "sources/", "tables/targetProblem.ts"],
  ],
};

/** A folder of one source, operation or driver. */
const KIND = "^shared/(sources|operations|drivers)/([^/]+)/";

/** Matches exactly these files, `*` being any one folder, or all files of a folder where the path ends in a slash. */
function exactly(path) {
  return `^${path.replaceAll(".", "\\.").replaceAll("*", "[^/]+")}${path.endsWith("/") ? "" : "$"}`;
}

/** A file outside of an allow-list, but for packages and Node's own modules. */
function outside(pathNot) {
  return { dependencyTypes: ["local"], pathNot };
}

const topFolderRules = Object.entries(TOP_FOLDERS).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment: `${folder}/ imports ${["itself", ...allowed].join(", ")} only`,
  from: { path: `^${folder}/` },
  to: outside([`${folder}/`, ...allowed].map(exactly)),
}));

const sharedRoomRules = Object.entries(SHARED_ROOMS).map(([room, allowed]) => ({
  name: `shared-${room}-imports`,
  comment: `of shared/, shared/${room}/ imports ${["itself", "the files at the top", ...allowed].join(", ")} only`,
  from: { path: `^shared/${room}/` },
  to: { path: "^shared/[^/]+/", pathNot: [`${room}/`, ...allowed].map((path) => exactly(`shared/${path}`)) },
}));

const rules = [
  {
    name: "no-cycle",
    comment: "no file imports itself by way of others; a type-only import ties as well",
    from: {},
    to: { circular: true },
  },
  {
    name: "resolvable",
    comment: "an import that is not found hides what it leads to",
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: "infrastructure-names-handlers",
    comment: "infrastructure names handlers by path; it never reaches them, nor what only they need",
    from: { path: ["^index\\.ts$", "^shared/infra/", "^services/[^/]+/(component|config|permissions)\\.ts$"] },
    to: { path: ["^services/[^/]+/handlers/", "^shared/(middleware|runtime|engine)/"], reachable: true },
  },
  {
    name: "runtime-without-pulumi",
    comment: "what runs in a function, or behind a command, reaches neither Pulumi nor infrastructure",
    from: { path: ["^services/[^/]+/(handlers|desk)/", "^shared/(?!infra/)"] },
    to: { path: ["(^|/)node_modules/@pulumi/", "^shared/infra/"], reachable: true },
  },
  {
    name: "index-imports",
    comment: "the program puts services together, from their settings",
    from: { path: "^index\\.ts$" },
    to: outside(["^services/", "^shared/infra/"]),
  },
  ...topFolderRules,
  {
    name: "nobody-needs-benchmarks",
    comment: "benchmarks are measured, not built upon; what a test needs too lives in test/support",
    from: { path: "^test/", pathNot: "^test/bench/" },
    to: { path: "^bench/" },
  },
  {
    name: "services-apart",
    comment: "of another service only its component is used; workers use the control plane of jobs as well",
    from: { path: "^services/([^/]+)/" },
    to: { path: "^services/(?!$1/)", pathNot: ["^services/[^/]+/component\\.ts$", "^services/jobs/"] },
  },
  {
    name: "jobs-before-workers",
    comment: "the control plane of jobs does not know its workers",
    from: { path: "^services/jobs/" },
    to: { path: "^services/[^/]+/component\\.ts$", pathNot: "^services/jobs/" },
  },
  {
    name: "shared-top-imports",
    comment: "the files at the top of shared/ are for all rooms and know none",
    from: { path: "^shared/[^/]+\\.ts$" },
    to: { path: "^shared/[^/]+/" },
  },
  ...sharedRoomRules,
  {
    name: "kinds-apart",
    comment: "a source, an operation or a driver does not know the others",
    from: { path: KIND },
    to: { path: "^shared/$1/(?!$2/)[^/]+/" },
  },
  {
    name: "registries-name-kinds",
    comment: "of the files beside the kinds, only the registry imports them, and the list of their records",
    from: {
      path: "^shared/(sources|operations|drivers)/[^/]+\\.ts$",
      pathNot: "/(registry|reading|writing|readers|specs)\\.ts$",
    },
    to: { path: "^shared/$1/[^/]+/" },
  },
  {
    name: "declarations-without-work",
    comment: "the start function bundles the declarations of operations; their work is the workers'",
    from: { path: "^shared/operations/registry\\.ts$" },
    to: {
      path: "^shared/operations/(reading|writing|changeItems|count/count|export/exportItems)\\.ts$",
      reachable: true,
    },
  },
  {
    name: "work-without-declarations",
    comment:
      "workers bundle the work of operations; options of a start request, with their schemas, are the start function's",
    from: { path: "^shared/operations/(reading|writing)\\.ts$" },
    to: { path: "^shared/operations/(registry|changeDeclaration|[^/]+/(declaration|params))\\.ts$", reachable: true },
  },
  {
    name: "kinds-by-registry",
    comment: "the command line and the local cloud know kinds by their registries",
    from: {
      path: "^(cli|local)/",
      // They check the results of just these operations.
      pathNot: ["^local/compareExport\\.ts$", "^local/scanDemonstration\\.ts$"],
    },
    to: { path: KIND },
  },
  {
    name: "engine-without-sdk",
    comment: "the engine and its contracts name the AWS SDK in types only",
    from: { path: ["engine/", ...CONTRACTS, ...RECORDS].map((path) => exactly(`shared/${path}`)).join("|") },
    to: { path: "(^|/)node_modules/@(aws-sdk|smithy)/", dependencyTypesNot: ["type-only"] },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: rules.map((rule) => ({ severity: "error", ...rule })),
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    // Packages that name their entries by `exports` only.
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default"] },
  },
};
