/** `intake quarantine … | participants … | submissions … | participant … | rebuild`: registers them, no more. */
import type { Command } from "commander";
import type { Attach } from "../session";
import { addExportCommands } from "./exportCommands";
import { addParticipantCommands } from "./participantCommands";
import { addQuarantineCommands } from "./quarantineCommands";
import { addRebuildCommand } from "./rebuildCommand";

export function addIntakeCommands(program: Command, attach: Attach): void {
  const intake = program
    .command("intake")
    .description("Look after submissions: quarantine, exports, participants, rebuilding the results.");
  addQuarantineCommands(intake, attach);
  addExportCommands(intake, attach);
  addParticipantCommands(intake, attach);
  addRebuildCommand(intake, attach);
}
