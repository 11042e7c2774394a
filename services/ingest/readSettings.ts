import type { ConfigReader } from "../../shared/infra/config";
import { type IngestSettings, ingestFields } from "./config";
import { contradictions } from "./contradictions";

/** Reads `ingest…` from the stack's config; problems stay in the reader. */
export function readIngestSettings(reader: ConfigReader): IngestSettings {
  return reader.read(ingestFields, "ingest", contradictions);
}
