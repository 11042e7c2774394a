/** `intake enroll` and `intake tokens rotate | retire`. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { checkParticipant } from "../../services/ingest/desk/participant";
import { type Enrolled, enroll, retirePrevious, rotateSecrets } from "../../services/ingest/desk/studyTokens";
import { SluiceError } from "../../shared/errors";
import { withoutMark } from "../../shared/json";
import { checkUsage } from "../command";
import type { Attach, Session } from "../session";
import { csvLine, csvText } from "../text/csv";
import { toJson } from "../text/json";
import { whyUnreadable } from "../whyUnreadable";
import { participantId } from "./participantId";
import { qrCode } from "./qrCode";

const ENROLL_HELP = `
Prints CSV: user_id,token. The first time it also makes the study's secret. A token
is always the same for the same participant, until you rotate the secret; nothing
about participants is stored. Whoever has a token can send answers in that
participant's name, so hand each one out in private (docs/security.md).

A QR code holds {"user_id":"0001","token":"v1.…"}, for the app to scan.

Examples:
  intake enroll 0001 0002
  intake enroll --file ids.txt > tokens.csv
  intake enroll 0001 --qr`;

const ROTATE_HELP = `
Makes a new secret. Tokens of the former one stay valid until you retire it:
  1. intake tokens rotate
  2. intake enroll --file ids.txt     new tokens; hand them out
  3. intake tokens retire             when everybody has a new one`;

const RETIRE_HELP = `
Drops the secret from before the last rotation. From now on, submissions with its
tokens go to quarantine as unproven. A store function may take a minute to notice.`;

interface EnrollFlags {
  readonly file?: string;
  readonly qr?: boolean;
}

const newKey = () => randomBytes(32);

export function addTokenCommands(intake: Command, attach: Attach): void {
  const enrolling = intake.command("enroll").description("Print the tokens of participants.");
  enrolling
    .argument("[ids...]", "the participants' user_ids", participantId)
    .option("--file <path>", "read the ids from this file, one per line");
  enrolling.option("--qr", "print QR codes instead of CSV").addHelpText("after", ENROLL_HELP);
  attach<EnrollFlags>(enrolling, enrollCommand);

  const tokens = intake
    .command("tokens")
    .description("Rotate and retire the secrets from which participants' tokens are made.");
  const rotate = tokens.command("rotate").description("Make a new secret; tokens of the current one stay valid.");
  attach(rotate.addHelpText("after", ROTATE_HELP), async (session) => {
    await rotateSecrets(await session.intake(), newKey);
    session.print(
      toJson({ rotated: true }, 2),
      "From now on, tokens are made from a new secret; the current tokens stay valid.",
    );
    return 0;
  });
  const retire = tokens.command("retire").description("Drop the secret from before the last rotation.");
  attach(retire.addHelpText("after", RETIRE_HELP), async (session) => {
    await retirePrevious(await session.intake());
    session.print(toJson({ retired: true }, 2), "Tokens of the former secret are no longer valid.");
    return 0;
  });
}

async function enrollCommand(session: Session, args: string[], { file, qr = false }: EnrollFlags): Promise<number> {
  const listed = await session.read(async () => (file === undefined ? [] : checkedIds(await idsIn(file))));
  const ids = [...new Set([...args, ...(listed ?? [])])];
  const problems = [
    ...(file === undefined && args.length === 0 ? ["Give the participants' ids, or a file of ids with --file."] : []),
    ...(qr && session.json ? ["--qr prints pictures, not JSON: leave out --qr or --json."] : []),
  ];
  await session.read(() => checkUsage(problems));
  const enrolled = await enroll(await session.intake(), ids, newKey);
  const lines = qr ? enrolled.map(withCode) : [csvLine(["user_id", "token"]), ...enrolled.map(row)];
  // All lines of CSV end with CSV's line break, including the last one.
  session.io.stdout.write(session.json ? `${toJson({ participants: enrolled }, 2)}\n` : lines.join(""));
  return 0;
}

/** @throws SluiceError INVALID_PARTICIPANT that names all invalid ones */
function checkedIds(ids: readonly string[]): readonly string[] {
  const problems = ids.flatMap((id) => {
    try {
      checkParticipant(id);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
  if (problems.length === 0) return ids;
  throw new SluiceError("INVALID_PARTICIPANT", problems.join("\n"), { value: ids });
}

async function idsIn(path: string): Promise<string[]> {
  let ids: string[];
  try {
    const text = withoutMark(await readFile(path, "utf8"));
    ids = text.split(/\r?\n/).filter((line) => line !== "");
  } catch (error) {
    const message = `--file must be a file with ids, but ${path} ${whyUnreadable(error)}.`;
    throw new SluiceError("IDS_FILE", message, { value: path, cause: error });
  }
  if (ids.length > 0) return ids;
  throw new SluiceError("IDS_FILE", `--file must be a file with ids, but ${path} has none.`, { value: path });
}

/** No guard against formulas: it would change an id that begins with a hyphen. Ids and tokens can't hold formulas. */
function row({ user_id, token }: Enrolled): string {
  return csvLine([csvText(user_id, false), csvText(token, false)]);
}

function withCode({ user_id, token }: Enrolled): string {
  return `${qrCode(JSON.stringify({ user_id, token }))}\n${user_id}\n\n`;
}
