import { GlueJobs, type GlueJobsOptions } from "../../../local/glue/glueJobs";
import type { GlueEnvironment } from "../../../local/glue/python/environment";
import { FakeClock } from "../../sender/helpers";

const job = {
  ...{ name: "copy", roleArn: "arn:aws:iam::000000000000:role/copy", scriptLocation: "s3://code/run.py" },
  ...{ maxConcurrentRuns: 2, defaultArguments: {}, nonOverridableArguments: {} },
} as unknown as Parameters<GlueJobs["deploy"]>[0];
const options = { arguments: {}, timeoutMinutes: 5, numberOfWorkers: 2 } as unknown as Parameters<GlueJobs["start"]>[1];

test("a run that is asked for while the local cloud stops doesn't begin", async () => {
  let found: (environment: GlueEnvironment) => void = () => {};
  const environment = new Promise<GlueEnvironment>((resolve) => {
    found = resolve;
  });
  const parts = { endpoint: () => "", folder: "/nowhere", clock: new FakeClock(), onEnd: () => {} };
  const jobs = new GlueJobs({ ...parts, environment: () => environment } as unknown as GlueJobsOptions);
  const started = jobs.start(job, options);
  await jobs.stop();
  found({} as GlueEnvironment);
  await expect(started).rejects.toMatchObject({ code: "InternalServiceException" });
  expect(jobs.runs()).toEqual([]);
});
