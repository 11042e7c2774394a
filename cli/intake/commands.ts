/** `intake status | quarantine … | dead … | participants … | …`: only registers them. */
import type { Command } from "commander";
import type { Attach } from "../session";
import { addDeadCommands } from "./dead";
import { addExportCommands } from "./exportCommands";
import { addParticipantCommands } from "./participantCommands";
import { addQuarantineCommands } from "./quarantineCommands";
import { addRebuildCommand } from "./rebuildCommand";
import { addStatusCommand } from "./status";
import { addTokenCommands } from "./tokenCommands";

export function addIntakeCommands(program: Command, attach: Attach): void {
  const intake = program
    .command("intake")
    .description(
      "Look after submissions: status, quarantine, dead letters, exports, participants, their tokens, and rebuilding.",
    );
  addStatusCommand(intake, attach);
  addQuarantineCommands(intake, attach);
  addDeadCommands(intake, attach);
  addExportCommands(intake, attach);
  addParticipantCommands(intake, attach);
  addRebuildCommand(intake, attach);
  addTokenCommands(intake, attach);
}
