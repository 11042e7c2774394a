import { backfillFields } from "../../services/backfill/config";
import { glueFields } from "../../services/glue/config";
import { ingestFields } from "../../services/ingest/config";
import { jobsFields } from "../../services/jobs/config";
import { scannerFields } from "../../services/scanner/config";
import { shuffleFields } from "../../services/shuffle/config";
import { configKey } from "../../shared/infra/config";
import type { Field, Fields } from "../../shared/infra/fields";
import { programFields } from "../../shared/infra/program";

/** The options of the program and of each service, with the prefix of their keys. */
export const GROUPS: readonly [prefix: string, fields: Fields][] = [
  ["", programFields],
  ["ingest", ingestFields],
  ["jobs", jobsFields],
  ["scanner", scannerFields],
  ["backfill", backfillFields],
  ["shuffle", shuffleFields],
  ["glue", glueFields],
];

/** Every option of the project by its key. */
export const options: Readonly<Record<string, Field>> = Object.fromEntries(
  GROUPS.flatMap(([prefix, fields]) =>
    Object.entries(fields).map(([name, field]) => [configKey(prefix, name), field] as const),
  ),
);
