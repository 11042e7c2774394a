import { ChildCloud, launchCloud } from "../../local/childCloud";

/** The local cloud of a test file. At its end it checks that the roles' policies allowed all calls of the tests. */
export class RunningCloud extends ChildCloud {
  /** @param config overrides of the dev stack's config. */
  static override async start(config: Record<string, string> = {}): Promise<RunningCloud> {
    return new RunningCloud(await launchCloud(config));
  }

  /** @throws Error if a policy refused a call. The cloud is stopped in any case. */
  override async stop(): Promise<number> {
    const [refusals] = await Promise.allSettled([this.running ? this.refusals() : []]);
    const took = await super.stop();
    if (refusals.status === "rejected") throw refusals.reason;
    if (refusals.value.length > 0) throw new Error(`refused by the roles' policies: ${JSON.stringify(refusals.value)}`);
    return took;
  }
}
