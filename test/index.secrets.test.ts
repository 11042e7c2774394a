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
const stateOf = ({ resources }: Deployment) => resources.map(({ serialized }) => plainText(serialized)).join("\n");
const pieces = Object.values(secrets).flatMap((value) => (value.startsWith("{") ? [value] : value.split(",")));

test("a text set with --secret, and the names in such a list, are nowhere in the state in plain text", async () => {
  const state = stateOf(await deployEverything(given, Object.keys(secrets)));
  expect(pieces.filter((piece) => state.includes(piece))).toEqual([]);
  expect(state).toContain("arm64");
});

test("the same values without --secret do appear there, each of them", async () => {
  const state = stateOf(await deployEverything(given));
  expect(pieces.filter((piece) => !state.includes(piece))).toEqual([]);
});

test("functions and subscriptions get the values themselves", async () => {
  const made = await deployEverything(given, Object.keys(secrets));
  const mail = made.ofType("sns/topicSubscription:TopicSubscription")["ingest-alarm-mail"];
  expect(mail.endpoint).toEqual(marked(secrets.ingestAlarmEmail));
  const { environment } = made.ofType("lambda/function:Function")["jobs-start"];
  expect(environment).toMatchObject(marked({ variables: { CHANGED_TABLES: secrets.backfillTables } }));
});
