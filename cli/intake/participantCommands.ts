/** `intake participant show | erase`. */
import type { Command } from "commander";
import { type ErasedParticipant, eraseParticipant } from "../../services/ingest/desk/eraseParticipant";
import { type KeptParticipant, readParticipant } from "../../services/ingest/desk/participant";
import { checkAskable } from "../askable";
import type { Attach, Session } from "../session";
import { toJson } from "../text/json";
import { participantId } from "./participantId";
import { plainItem, renderErased, renderKept, renderParticipant } from "./renderParticipant";

const ERASE_HELP = `
Deletes the participant's item, markers, raw bodies and quarantined bodies with
all their versions. This can't be undone. A tombstone (the id and the time) stays.
Because of it, Sluice drops whatever still arrives from this participant. The
command writes the tombstone first, so repeat the command if it is interrupted. At
the end it looks again and reports what is left. A store function that was at work
meanwhile may leave an object behind: erase again after its time-out
(ingestTimeoutSeconds).

Not covered: bodies that name no valid user_id (below unidentified/), exports
and results of jobs, and backups. docs/intake-desk.md explains what to do.`;

export function addParticipantCommands(intake: Command, attach: Attach): void {
  const participant = intake
    .command("participant")
    .description("Show or erase everything that is kept about one participant.");
  const show = participant.command("show").description("Show everything that is kept about a participant.");
  attach(show.argument("<id>", "the participant's user_id", participantId), async (session, [id]) => {
    const kept = await readParticipant(await session.intake(), id!);
    session.print(toJson({ ...kept, item: plainItem(kept.item) ?? null }, 2), renderParticipant(kept, session.width));
    return 0;
  });

  const erase = participant.command("erase").description("Erase everything that is kept about a participant.");
  erase
    .argument("<id>", "the participant's user_id", participantId)
    .option("--yes", "do not ask")
    .addHelpText("after", ERASE_HELP);
  attach<{ yes?: boolean }>(erase, (session, [id], { yes = false }) => eraseCommand(session, id!, yes));
}

/** @returns 0, or 1 if the answer was no or something is left. */
async function eraseCommand(session: Session, id: string, yes: boolean): Promise<number> {
  const problem = "Add --yes: without a terminal, nobody can confirm by typing the participant's id.";
  await session.read(() => checkAskable(session.io, yes, problem));
  const intake = await session.intake();
  if (!yes && !(await agreed(session, await readParticipant(intake, id)))) {
    session.print(toJson({ participant: id, erased: false }, 2), "Nothing was erased.");
    return 1;
  }
  const erased = await eraseParticipant(intake, id, (ms) => session.io.clock.sleep(ms));
  session.print(toJson({ ...erased, erased: nothingLeft(erased) }, 2), renderErased(erased, nothingLeft(erased)));
  return nothingLeft(erased) ? 0 : 1;
}

async function agreed({ io }: Session, kept: KeptParticipant): Promise<boolean> {
  const { participant } = kept;
  const answer = await io.ask!(`${renderKept(kept)} Type the participant's id to erase all of it for good: `);
  return answer.trim() === participant;
}

function nothingLeft({ left }: ErasedParticipant): boolean {
  return Object.values(left).every((count) => count === 0);
}
