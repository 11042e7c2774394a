import { randomUUID } from "node:crypto";
import pLimit from "p-limit";
import { SluiceError } from "../../shared/errors";
import type { Faults } from "../faults/faults";
import { failsToLoad, invocationFaults } from "../faults/invocation";
import type { Principals } from "../gateway/principals";
import type { Metering } from "../metering/metering";
import type { FunctionSpec, InvocationResult } from "./functionSpec";
import { Instance, type Invocation, STOPPED } from "./instance";

export interface FunctionsOptions {
  principals: Principals;
  region: string;
  endpoint: () => string;
  /** Most instances at once over all functions, as an account's concurrency limit. */
  concurrency: number;
  faults: Faults;
  metering: Metering;
  /** Receives a function's output. */
  onLog: (spec: FunctionSpec, text: string) => void;
}

interface Deployed {
  spec: FunctionSpec;
  idle: Instance[];
  all: Set<Instance>;
  limit: ReturnType<typeof pLimit>;
}

/** Lambda: keeps the functions' instances, gives each invocation an idle or a new one, holds the concurrency limits. */
export class Functions {
  readonly #options: FunctionsOptions;
  readonly #deployed = new Map<string, Deployed>();
  readonly #account: ReturnType<typeof pLimit>;
  #stopped = false;

  constructor(options: FunctionsOptions) {
    this.#options = options;
    this.#account = pLimit(options.concurrency);
  }

  deploy(spec: FunctionSpec): void {
    const limit = pLimit(spec.reservedConcurrency ?? this.#options.concurrency);
    this.#deployed.set(spec.arn, { spec, idle: [], all: new Set(), limit });
  }

  find(arn: string): FunctionSpec | undefined {
    return this.#deployed.get(arn)?.spec;
  }

  specs(): FunctionSpec[] {
    return [...this.#deployed.values()].map(({ spec }) => spec);
  }

  /** Invocations the function may run at once. */
  concurrencyOf(arn: string): number {
    return Math.min(this.#options.concurrency, this.#deployed.get(arn)?.spec.reservedConcurrency ?? Infinity);
  }

  /**
   * Whether an invocation would start at once. If not, Lambda throttles a synchronous one.
   * @param waits whether it may wait for the account's limit, which is far smaller here than on AWS; the function's own
   * reserved concurrency throttles it nonetheless.
   */
  hasRoom(arn: string, waits = false): boolean {
    const deployed = this.#deployed.get(arn);
    if (waits && deployed?.spec.reservedConcurrency === undefined) return true;
    const limits = [deployed?.limit, ...(waits ? [] : [this.#account])];
    return limits.every((limit) => !limit || limit.activeCount + limit.pendingCount < limit.concurrency);
  }

  /**
   * Waits for room, then runs the handler. A failing handler is a result, not a rejection.
   * @param requestId the handler's `awsRequestId`; repeated attempts have the same. Default: a new one.
   * @param clientContext the handler's `clientContext`. Default: it has none.
   * @throws SluiceError UNKNOWN_FUNCTION.
   */
  invoke(
    arn: string,
    event: unknown,
    requestId: string = randomUUID(),
    clientContext?: unknown,
  ): Promise<InvocationResult> {
    const deployed = this.#deployed.get(arn);
    if (!deployed) throw new SluiceError("UNKNOWN_FUNCTION", `There is no function ${arn}.`, { value: arn });
    const invocation = { payload: JSON.stringify(event), requestId, clientContext };
    return deployed.limit(() => this.#account(() => this.#run(deployed, invocation)));
  }

  /** Ends all instances. Invocations fail from now on, and so do those that wait for room. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const instances = [...this.#deployed.values()].flatMap(({ all }) => [...all]);
    this.#deployed.clear();
    await Promise.all(instances.map((instance) => instance.stop()));
  }

  async #run(deployed: Deployed, invocation: Invocation): Promise<InvocationResult> {
    if (this.#stopped) return { functionError: STOPPED };
    const [at, started] = [Date.now(), performance.now()];
    const idle = takeIdle(deployed);
    const instance = idle ?? this.#start(deployed);
    const faults = invocationFaults(this.#options.faults, deployed.spec.name);
    const result = await instance.invoke(invocation, faults);
    const { name, memoryMegabytes } = deployed.spec;
    // The time includes the start of a new instance, so its initialisation is billed.
    const billedMs = Math.ceil(performance.now() - started);
    const initMs = idle === undefined ? instance.initMs : 0;
    this.#options.metering.invoked({ function: name, at, billedMs, initMs, memoryMegabytes });
    if (instance.alive) deployed.idle.push(instance);
    else deployed.all.delete(instance);
    if ("functionError" in result) {
      this.#options.onLog(deployed.spec, `${JSON.stringify({ level: "ERROR", ...result.functionError })}\n`);
    }
    return result;
  }

  #start(deployed: Deployed): Instance {
    const { principals, region, endpoint, faults, onLog } = this.#options;
    const { spec } = deployed;
    const instance = new Instance({
      spec,
      principals,
      region,
      endpoint: endpoint(),
      failToLoad: failsToLoad(faults, spec.name),
      onLog: (text) => onLog(spec, text),
    });
    deployed.all.add(instance);
    return instance;
  }
}

/** An idle instance that has not ended itself meanwhile. */
function takeIdle({ idle, all }: Deployed): Instance | undefined {
  for (let instance = idle.pop(); instance; instance = idle.pop()) {
    if (instance.alive) return instance;
    all.delete(instance);
  }
  return undefined;
}
