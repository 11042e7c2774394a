import { ChildCloud, launchCloud } from "../../local/childCloud";

/** The local cloud of a test file. Whatever a test did, the roles' policies must have allowed it. */
export class RunningCloud extends ChildCloud {
  /** @param config overrides of the dev stack's config. */
  static override async start(config: Record<string, string> = {}): Promise<RunningCloud> {
    return new RunningCloud(await launchCloud(config));
  }

  /** @throws Error where a policy refused something; the cloud is stopped then as well. */
  override async stop(): Promise<number> {
    const [refusals] = await Promise.allSettled([this.running ? this.refusals() : []]);
    const took = await super.stop();
    if (refusals.status === "rejected") throw refusals.reason;
    if (refusals.value.length > 0) throw new Error(`refused by the roles' policies: ${JSON.stringify(refusals.value)}`);
    return took;
  }
}
