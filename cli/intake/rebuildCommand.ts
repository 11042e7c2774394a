/** `intake rebuild`. */
import type { Command } from "commander";
import { type Finding, type RebuildSummary, rebuild } from "../../services/ingest/desk/rebuild";
import { checkAskable } from "../askable";
import type { Intake } from "../intakeStack";
import type { Attach, Session } from "../session";
import { counted, oneLine } from "../text/format";
import { toJson } from "../text/json";
import { plainItem } from "./renderParticipant";

const HELP = `
Reads all markers, all items and the raw body of each participant's latest
submission, and makes each item what the store function would have made of it.
Submissions may arrive meanwhile. Attributes that others keep on the items stay,
and so do tombstones of erased participants. If a raw body is gone, the answers
stay as they are. The counts are exact even then, because they come from the
markers. An item without any marker stays as it is.

Prints a line for each participant that differs, and a summary.

Exit code: 0 no difference is left; 1 a dry run found differences, or the command
could not correct all of them.`;

interface RebuildFlags {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Findings that leave nothing to do. */
const FINE = new Set(["rebuilt"]);

export function addRebuildCommand(intake: Command, attach: Attach): void {
  const command = intake.command("rebuild").description("Rebuild the results from raw bodies and markers.");
  command.option("--dry-run", "change nothing, report every difference").option("--yes", "do not ask");
  attach<RebuildFlags>(command.addHelpText("after", HELP), rebuildCommand);
}

async function rebuildCommand(session: Session, _args: string[], { dryRun = false, yes = false }: RebuildFlags) {
  const problem = "Add --yes or --dry-run: without a terminal, nobody can confirm by typing the table's name.";
  await session.read(() => checkAskable(session.io, dryRun || yes, problem));
  const intake = await session.intake();
  if (!dryRun && !yes && !(await agreed(session, intake))) {
    session.print(toJson({ rebuilt: false }, 2), "Nothing was changed.");
    return 1;
  }
  const listing = session.list("findings");
  const report = (finding: Finding) => listing.add(plain(finding), renderFinding(finding));
  const { findings: states, ...summary } = await rebuild({ desk: intake, dryRun, report });
  listing.end({ dryRun, ...summary, states }, renderSummary({ ...summary, findings: states }, dryRun));
  return Object.keys(states).every((state) => FINE.has(state)) ? 0 : 1;
}

async function agreed({ io }: Session, { resultsTable }: Intake): Promise<boolean> {
  const answer = await io.ask!(`This rebuilds table ${resultsTable}. Type the table's name to start: `);
  return answer.trim() === resultsTable;
}

function plain({ differences, ...finding }: Finding) {
  const fields = differences.map(({ field, is, shouldBe }) => {
    const values = plainItem({ ...(is && { is }), ...(shouldBe && { shouldBe }) });
    return { field, is: null, shouldBe: null, ...values };
  });
  return { ...finding, differences: fields };
}

const WORDS: Readonly<Record<Finding["state"], string>> = {
  differs: "differs",
  rebuilt: "rebuilt",
  unknown: "the latest answers can't be known",
  no_markers: "has an item, but no marker: left as it is",
  erase_unfinished: "is erased, but markers are left: run `intake participant erase` again",
  busy: "kept sending meanwhile: run the command again",
};

/** Characters of a value in a line. */
const VALUE_WIDTH = 40;

function renderFinding(finding: Finding): string {
  const { participant, state, submission } = finding;
  const body = submission === undefined ? "" : ` (the raw body of ${oneLine(submission)} is gone)`;
  const fields = plain(finding).differences.map(
    ({ field, is, shouldBe }) => `  ${oneLine(field)}: ${shown(is)} → ${shown(shouldBe)}`,
  );
  return [`${oneLine(participant)}  ${WORDS[state]}${body}`, ...fields].join("\n");
}

function shown(value: unknown): string {
  if (value === null) return "missing";
  const text = oneLine(typeof value === "string" ? value : toJson(value));
  return text.length > VALUE_WIDTH ? `${text.slice(0, VALUE_WIDTH - 1)}…` : text;
}

function renderSummary({ participants, submissions, erased, unchecked, findings }: RebuildSummary, dryRun: boolean) {
  const states = Object.entries(findings).map(([state, count]) => `${state} ${count}`);
  const lines = [
    `${counted(participants, "participant")} with ${counted(submissions, "submission")}, ${erased} erased: ` +
      `${states.length === 0 ? "no differences" : states.join(", ")}.`,
  ];
  if (unchecked > 0) {
    lines.push(`Answers of ${counted(unchecked, "participant")} could not be checked: the raw body is gone.`);
  }
  if (dryRun && states.length > 0) lines.push("Nothing was changed: this was a dry run.");
  return lines.join("\n");
}
