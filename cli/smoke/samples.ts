import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { surveyFiles } from "../surveyFiles";

const FOLDER = resolve(__dirname, "../../test/fixtures/surveys");
/** The participants in the samples. */
const PARTICIPANTS = ["0001", "0002", "0003", "0004", "0005"] as const;

/** A sample survey under an id of the run's own. */
export interface Sample {
  readonly survey: Readonly<Record<string, unknown>>;
  readonly participant: string;
  /** `<user_id><timestamp>`. */
  readonly submission: string;
}

/** The ten sample surveys, in the order of their names. @param run the run's id */
export async function readSamples(run: string): Promise<Sample[]> {
  const files = await surveyFiles(FOLDER);
  return Promise.all(files.map(async (file) => sampleOf(JSON.parse(await readFile(file, "utf8")), run)));
}

/** The participants of a run's samples. */
export function participantsOf(run: string): string[] {
  return PARTICIPANTS.map((participant) => `${run}-${participant}`);
}

function sampleOf(given: Record<string, unknown>, run: string): Sample {
  const participant = `${run}-${given.user_id}`;
  return { survey: { ...given, user_id: participant }, participant, submission: `${participant}${given.timestamp}` };
}
