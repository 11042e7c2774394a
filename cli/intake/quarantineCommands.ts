/** `intake quarantine list | show | resend | resolve`. */
import { type Command, Option } from "commander";
import {
  type ListedRecord,
  listed,
  listQuarantine,
  type QuarantineQuery,
  readRecord,
  readStatus,
  reasonCodes,
  type StoredRecord,
} from "../../services/ingest/desk/quarantined";
import { type ResendOptions, resend, resolve, type Settled } from "../../services/ingest/desk/settle";
import { tokensOf } from "../../services/ingest/desk/studyTokens";
import { SluiceError } from "../../shared/errors";
import type { Intake } from "../intakeStack";
import type { Attach, Session } from "../session";
import { toJson } from "../text/json";
import { wholeNumber } from "../wholeNumber";
import { participantId } from "./participantId";
import { renderQuarantine, renderRecord, renderSettled, renderWouldSend } from "./renderQuarantine";
import { settleAll } from "./settleAll";

/** Records shown as text unless --limit says otherwise. */
const MOST_SHOWN = 50;

const LIST_HELP = `
A record is open, accepted (the same body was counted meanwhile), resent or
resolved. If a body was resent and refused again, it has another record. Only open
records are listed unless you add --all. The counts by reason include records that
--limit hides. A record with two reasons counts under both.`;

const RESEND_HELP = `
Name records by their keys, or choose open ones by --reason or --participant, or
both. A body goes to the queue byte for byte, then its record is marked. If the
command is interrupted between the two, repeat it: the body is sent once more,
which is harmless, because a duplicate counts once. A body that is refused again
gets a new record. A record that isn't open is sent only if you give its key.

Where participants' tokens are required, quarantine keeps bodies without them. With
--prove each body is sent with the token of the participant it names: you vouch for it.
Look at each body first; anybody who can send to the queue may have written it.

Examples:
  intake quarantine resend --reason too_quick --dry-run
  intake quarantine resend participants/0001/5fea7756-0ea4-451a-a703-a558b933e274.json`;

const RESOLVE_HELP = `
The record stays, with your note, and is no longer listed as open.

Example:
  intake quarantine resolve --participant 0001 --note "test phone of the lab"`;

interface Chosen {
  readonly reason?: ListedRecord["codes"][number];
  readonly participant?: string;
}

interface ListFlags extends Chosen {
  readonly all?: boolean;
  readonly limit?: number;
}

interface SettleFlags extends Chosen {
  readonly by?: string;
  readonly note?: string;
  readonly dryRun?: boolean;
  readonly prove?: boolean;
}

export function addQuarantineCommands(intake: Command, attach: Attach): void {
  const quarantine = intake
    .command("quarantine")
    .description("List bodies that were refused, and resend or resolve them.");

  const list = withChoice(quarantine.command("list").description("List records, newest first, and count by reason."));
  list.option("--all", "also records that are accepted, resent or resolved");
  list.option("--limit <n>", `most records to list; default: ${MOST_SHOWN}, with --json all`, wholeNumber());
  attach<ListFlags>(list.addHelpText("after", LIST_HELP), (session, _args, flags) => listCommand(session, flags));

  const show = quarantine.command("show").description("Show one record, with its body.");
  show
    .argument("<key>", "the record's key, as `list` prints it")
    .option("--body", "print the body alone, byte for byte");
  attach<{ body?: boolean }>(show, (session, [key], flags) => showCommand(session, key!, flags.body === true));

  const again = withChoice(quarantine.command("resend").description("Send bodies again, byte for byte."));
  again.argument("[keys...]", "the records' keys, as `list` prints them");
  again.option("--dry-run", "only list what would be sent").option("--by <name>", "who does it, for the record");
  again.option("--prove", "vouch that each body comes from the participant it names");
  attach<SettleFlags>(again.addHelpText("after", RESEND_HELP), resendCommand);

  const done = withChoice(quarantine.command("resolve").description("Mark records that need nothing more."));
  done.argument("[keys...]", "the records' keys, as `list` prints them");
  done.requiredOption("--note <text>", "why, for the record").option("--by <name>", "who does it, for the record");
  attach<SettleFlags>(done.addHelpText("after", RESOLVE_HELP), resolveCommand);
}

function withChoice(command: Command): Command {
  command.addOption(new Option("--reason <code>", "only records with this reason").choices(reasonCodes));
  return command.option("--participant <id>", "only records of exactly this participant", participantId);
}

async function listCommand(session: Session, flags: ListFlags): Promise<number> {
  const { records, unreadable } = await listQuarantine(await session.intake(), queryOf(flags));
  const wanted = flags.all === true ? records : records.filter(({ status }) => status === "open");
  const counts = { reasons: countBy(wanted.flatMap(({ codes }) => codes)), statuses: countBy(statuses(records)) };
  const most = flags.limit ?? (session.json ? wanted.length : MOST_SHOWN);
  const shown = wanted.slice(0, most);
  session.print(
    toJson({ records: shown, total: wanted.length, ...counts, unreadable }, 2),
    renderQuarantine({ shown, total: wanted.length, ...counts, unreadable }, session.width),
  );
  return 0;
}

async function showCommand(session: Session, key: string, bodyOnly: boolean): Promise<number> {
  const intake = await session.intake();
  const stored = await existing(intake, key);
  if (bodyOnly) {
    session.io.stdout.write(stored.record.body);
    return 0;
  }
  const status = await readStatus(intake, stored);
  const { participant, submission, record } = stored;
  session.print(toJson({ key, status, participant, submission, ...record }, 2), renderRecord(stored, status));
  return 0;
}

async function resendCommand(session: Session, keys: string[], flags: SettleFlags): Promise<number> {
  await session.read(() => checkChoice(keys, flags));
  const intake = await session.intake();
  const chosen = await choose(intake, keys, flags);
  if (flags.dryRun === true) {
    session.print(toJson({ dryRun: true, records: chosen }, 2), renderWouldSend(chosen, session.width));
    return 0;
  }
  const tokenOf = await vouched(intake, flags.prove === true);
  return settleCommand(session, chosen, "resent", ({ key }) => resend(intake, key, { by: flags.by, tokenOf }));
}

/** @throws SluiceError USAGE if bodies without tokens would only be refused again */
async function vouched(intake: Intake, prove: boolean): Promise<ResendOptions["tokenOf"]> {
  if (prove) return tokensOf(intake);
  if (intake.secrets === undefined) return undefined;
  const message =
    "This stack requires tokens, and quarantine keeps none: without them the bodies would come back as unproven. Look at " +
    "the bodies, and add --prove if you vouch that each comes from the participant it names.";
  throw new SluiceError("USAGE", message, { value: "--prove" });
}

async function resolveCommand(session: Session, keys: string[], flags: SettleFlags): Promise<number> {
  await session.read(() => checkChoice(keys, flags));
  const intake = await session.intake();
  const chosen = await choose(intake, keys, flags);
  return settleCommand(session, chosen, "resolved", ({ key }) => resolve(intake, key, flags.note!, flags.by));
}

/** @returns 1 if some record was not settled. */
async function settleCommand(
  session: Session,
  chosen: readonly ListedRecord[],
  how: "resent" | "resolved",
  work: (record: Pick<ListedRecord, "key">) => Promise<Settled>,
): Promise<number> {
  const outcomes = await settleAll(chosen, work);
  session.print(toJson({ [how]: outcomes.done, notDone: outcomes.notDone }, 2), renderSettled(how, outcomes));
  return outcomes.notDone.length === 0 ? 0 : 1;
}

/** The records that were named, in any status; or the open ones among those that a query finds. */
async function choose(intake: Intake, keys: readonly string[], flags: SettleFlags): Promise<ListedRecord[]> {
  const query = queryOf(flags);
  if (keys.length === 0) return (await listQuarantine(intake, query)).records.filter(({ status }) => status === "open");
  const records = await Promise.all([...new Set(keys)].map((key) => existing(intake, key)));
  return Promise.all(records.map(async (stored) => listed(stored, await readStatus(intake, stored))));
}

/** @throws SluiceError USAGE */
function checkChoice(keys: readonly string[], flags: Chosen): void {
  const byQuery = "reason" in flags || "participant" in flags;
  if (keys.length > 0 !== byQuery) return;
  const message = "Name records by their keys, or choose them by --reason or --participant.";
  throw new SluiceError("USAGE", message, { value: keys });
}

/** @throws SluiceError NO_SUCH_RECORD, RECORD_UNREADABLE */
export async function existing(intake: Intake, key: string): Promise<StoredRecord> {
  const stored = await readRecord(intake, key);
  if (stored === undefined) {
    const message = `Quarantine has no record ${key}. \`intake quarantine list --all\` lists all keys.`;
    throw new SluiceError("NO_SUCH_RECORD", message, { value: key });
  }
  if (stored === "unreadable") {
    const message = `Object ${key} in the quarantine bucket is not a record: it has no reasons or no body.`;
    throw new SluiceError("RECORD_UNREADABLE", message, { value: key });
  }
  return stored;
}

function queryOf({ reason, participant }: Chosen): QuarantineQuery {
  return { reason, participant };
}

function statuses(records: readonly ListedRecord[]): string[] {
  return records.map(({ status }) => status);
}

/** How often each value occurs, the most frequent first. */
export function countBy(values: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}
