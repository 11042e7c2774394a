import type * as pulumi from "@pulumi/pulumi";
import { BundledFunction } from "../../shared/infra/bundledFunction";
import { metricNamespace } from "../../shared/infra/metricNamespace";
import type { SparkJobsArgs } from "./args";
import type { GlueSettings } from "./config";
import { runEndedPermissions } from "./permissions";

const TIMEOUT_SECONDS = 60;
const MEMORY_MEGABYTES = 256;

export interface RunEndedArgs extends Pick<SparkJobsArgs, "records" | "glueJobArn" | "unitQueue" | "writingQueue"> {
  settings: Pick<GlueSettings, "logLevel" | "logRetentionDays">;
  deletionProtection: boolean;
  tags: Record<string, string>;
}

/** The function that handles the ends of runs. @param name of the component, which is its parent */
export function runEndedFunction(name: string, args: RunEndedArgs, parent: pulumi.Resource): BundledFunction {
  const { records, glueJobArn, unitQueue, writingQueue, settings, deletionProtection, tags } = args;
  return new BundledFunction(
    `${name}-run-ended`,
    {
      entry: "services/glue/handlers/runEnded.ts",
      environment: {
        JOBS_TABLE: records.table.name,
        UNIT_QUEUE_URL: unitQueue.url,
        ...(writingQueue === undefined ? {} : { WRITING_QUEUE_URL: writingQueue.url }),
        POWERTOOLS_LOG_LEVEL: settings.logLevel,
        POWERTOOLS_SERVICE_NAME: `${name}-run-ended`,
        POWERTOOLS_METRICS_NAMESPACE: metricNamespace(),
      },
      permissions: runEndedPermissions({ unitQueue, writingQueue }, records, glueJobArn),
      timeoutSeconds: TIMEOUT_SECONDS,
      memoryMegabytes: MEMORY_MEGABYTES,
      logRetentionDays: settings.logRetentionDays,
      deletionProtection,
      tags,
    },
    { parent },
  );
}
