import type { StackSettings } from "../../../bench/spike/stackSettings";
import type { Assumptions } from "../../../bench/spike/stages";
import { type IngestSettings, ingestFields } from "../../../services/ingest/config";
import { withDefaults } from "../../../shared/infra/fields";
import { programFields } from "../../../shared/infra/program";

/** The default settings, with the given changes. */
export function settings(changes: Partial<IngestSettings> & Partial<StackSettings> = {}): StackSettings {
  return { ...withDefaults(programFields, {}), ...withDefaults(ingestFields, {}), ...changes };
}

export const ASSUMED: Assumptions = { secondsPerSubmission: 0.1, bodyBytes: 500, itemBytes: 800 };
