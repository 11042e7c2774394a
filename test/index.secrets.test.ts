import type { Deployment } from "./shared/infra/deploy";
import { deployEverything } from "./support/wholeProgram";

// Bundling has a test of its own; here it would only take time.
jest.mock("../shared/infra/bundle", () => ({
  ...jest.requireActual("../shared/infra/bundle"),
  bundle: async () => "export const handler = () => {};",
}));

/** The key with which Pulumi marks a secret value, in requests and in the state. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Personal or confidential config. Each value occurs nowhere else. */
const secrets = {
  ingestAlarmEmail: "ingest@private.example",
  jobsAlarmEmail: "jobs@private.example",
  jobsCompletionEmail: "completion@private.example",
  scannerAlarmEmail: "scanner@private.example",
  backfillAlarmEmail: "backfill@private.example",
  shuffleAlarmEmail: "shuffle@private.example",
  glueAlarmEmail: "glue@private.example",
  jobsSourceBuckets: "bucket-of-the-clinic,bucket-of-the-lab",
  scannerTables: "table-of-the-clinic,table-of-the-lab",
  backfillTables: "table-of-the-ward",
  shuffleScheduledRequest: '{"operation":"count","table":"table-of-the-clinic","readRate":"51%"}',
};

const marked = (value: unknown) => ({ [SIGNATURE]: expect.any(String), value });

/** What anybody who can read the state sees: all values that aren't marked as secret. */
function plainText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (SIGNATURE in value) return "";
  return Object.values(value).map(plainText).join("\n");
}

const given = Object.fromEntries(Object.entries(secrets).map(([key, value]) => [`sluice:${key}`, value]));
const stateOf = ({ resources, componentOutputs }: Deployment) =>
  [...resources.map(({ serialized }) => serialized), ...componentOutputs].map(plainText).join("\n");
/** Names of the stack's outputs that are secret. */
async function secretOutputs({ built }: Deployment): Promise<string[]> {
  const outputs = Object.entries(built as Record<string, { isSecret: Promise<boolean> }>);
  const found = await Promise.all(outputs.map(async ([name, output]) => ((await output.isSecret) ? [name] : [])));
  return found.flat();
}
const pieces = Object.values(secrets).flatMap((value) => (value.startsWith("{") ? [value] : value.split(",")));

let hidden: Deployment;
let open: Deployment;
beforeAll(async () => {
  hidden = await deployEverything(given, Object.keys(secrets));
  open = await deployEverything(given);
});

test("a text set with --secret, and the names in such a list, are nowhere in the state in plain text", () => {
  const state = stateOf(hidden);
  expect(pieces.filter((piece) => state.includes(piece))).toEqual([]);
  expect(state).toContain("arm64");
});

test("an output of the stack with such a name is secret, and no other", async () => {
  expect(await secretOutputs(hidden)).toEqual(["operator"]);
  expect(await secretOutputs(open)).toEqual([]);
});

test("the same values without --secret do appear there, each of them", () => {
  const state = stateOf(open);
  expect(pieces.filter((piece) => !state.includes(piece))).toEqual([]);
});

test("functions and subscriptions get the values themselves", () => {
  const mail = hidden.ofType("sns/topicSubscription:TopicSubscription")["ingest-alarm-mail"];
  expect(mail.endpoint).toEqual(marked(secrets.ingestAlarmEmail));
  const { environment } = hidden.ofType("lambda/function:Function")["jobs-start"];
  expect(environment).toMatchObject(marked({ variables: { CHANGED_TABLES: secrets.backfillTables } }));
});
