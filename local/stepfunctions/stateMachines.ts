import { randomUUID } from "node:crypto";
import type { Clock } from "../../shared/clock";
import type { Faults } from "../faults/faults";
import type { Permissions } from "../gateway/permissions/permissions";
import { RoleCaller, type RoleCallerOptions } from "../gateway/roleCaller";
import { allStates, type Definition, isDistributed, type MapState } from "./definition/definition";
import { Execution, type ExecutionOptions } from "./execution";
import { executionLog, type LoggingConfiguration } from "./executionLog";
import type { MapRunRequest, World } from "./interpreter/level";
import { readItems } from "./mapRuns/itemReader";
import { MapRun } from "./mapRuns/mapRun";
import { StateError } from "./stateError";
import { invokeFunction } from "./tasks/lambdaTask";

/** Child executions of a Map Run that are kept after their end, the newest ones. */
const CHILDREN_KEPT = 1_000;

/** Why executions are stopped at the end. */
const STOPPED = "the local cloud stops";

/** The permissions that X-Ray needs from the role of a traced state machine. */
const TRACING_ACTIONS = ["PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets"];

/** A state machine as the program declared it. */
export interface StateMachine {
  arn: string;
  name: string;
  roleArn: string;
  definition: Definition;
  /** The definition as it was written. */
  definitionText: string;
  logging: LoggingConfiguration;
  tracing: boolean;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

export interface StateMachinesOptions extends Omit<RoleCallerOptions, "roleArn" | "name"> {
  region: string;
  accountId: string;
  permissions: Permissions;
  faults: Faults;
  clock: Clock;
  /** Numbers in [0, 1). */
  random: () => number;
  /** Called when an execution has started, and when it has ended. */
  onStatus: (execution: Execution) => void;
  /** Gets what state machines log. */
  onLog: (logGroup: string, text: string) => void;
  onError: (error: unknown) => void;
}

interface Deployed {
  machine: StateMachine;
  caller: RoleCaller;
  /** By Map state: its own label, or one made up. */
  labels: Map<MapState, string>;
  /** By name, without those that Map Runs started. */
  executions: Map<string, Execution>;
}

/** Step Functions: the state machines, their executions and Map Runs. */
export class StateMachines {
  readonly #options: StateMachinesOptions;
  readonly #deployed = new Map<string, Deployed>();
  readonly #children = new Map<string, Execution>();
  readonly #mapRuns = new Map<string, MapRun>();
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: StateMachinesOptions) {
    this.#options = options;
  }

  deploy(machine: StateMachine): void {
    const { roleArn, name } = machine;
    const maps = allStates(machine.definition).flatMap(([, state]) => (state.Type === "Map" ? [state] : []));
    const labels = new Map(maps.filter(isDistributed).map((state) => [state, state.Label ?? randomUUID()]));
    const caller = new RoleCaller({ ...this.#options, roleArn, name });
    this.#deployed.set(machine.arn, { machine, caller, labels, executions: new Map() });
  }

  find(arn: string): StateMachine | undefined {
    return this.#deployed.get(arn)?.machine;
  }

  /** An execution that a call started, or a child of a Map Run that runs or is among the newest 1,000. */
  execution(arn: string): Execution | undefined {
    const [name = "", execution = ""] = arn.split(":").slice(6);
    return this.#children.get(arn) ?? this.#deployed.get(this.#arn(`stateMachine:${name}`))?.executions.get(execution);
  }

  /** The executions of a state machine that a call started, the oldest first. */
  executionsOf(machineArn: string): Execution[] {
    return [...(this.#deployed.get(machineArn)?.executions.values() ?? [])];
  }

  /** Children of a Map Run, the oldest first. */
  childrenOf(mapRunArn: string): Execution[] {
    return [...this.#children.values()].filter(({ options }) => options.mapRunArn === mapRunArn);
  }

  mapRun(arn: string): MapRun | undefined {
    return this.#mapRuns.get(arn);
  }

  /** The Map Runs of an execution, the oldest first. */
  mapRunsOf(executionArn: string): MapRun[] {
    return [...this.#mapRuns.values()].filter(({ options }) => options.executionArn === executionArn);
  }

  /**
   * Starts an execution.
   * @param name free in this state machine.
   * @param input JSON.
   */
  start(machineArn: string, name: string, input: string): Execution {
    const deployed = this.#deployed.get(machineArn);
    if (!deployed) throw new Error(`there is no state machine ${machineArn}`);
    const { machine } = deployed;
    const arn = this.#arn(`execution:${machine.name}:${name}`);
    const { definition } = machine;
    const execution = this.#execution(deployed, {
      ...{ arn, name, input, states: definition, timeoutSeconds: definition.TimeoutSeconds, mapRunArn: undefined },
      stateMachineArn: machine.arn,
    });
    deployed.executions.set(name, execution);
    if (machine.tracing) this.#trace(deployed);
    this.#track(execution.run());
    if (this.#stopped) execution.stop(undefined, STOPPED);
    return execution;
  }

  /** Ends every execution, and from now on those that start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { executions } of this.#deployed.values()) {
      for (const execution of executions.values()) execution.stop(undefined, STOPPED);
    }
    await Promise.all(this.#running);
  }

  #execution(
    deployed: Deployed,
    options: Pick<
      ExecutionOptions,
      "arn" | "name" | "input" | "states" | "timeoutSeconds" | "mapRunArn" | "stateMachineArn"
    >,
  ): Execution {
    const { roleArn, name, logging } = deployed.machine;
    const { onStatus, onError, onLog } = this.#options;
    const onEvent = executionLog(logging, options.arn, onLog);
    const world = this.#world(deployed, options.arn);
    return new Execution({ ...options, roleArn, stateMachineName: name, world, onEvent, onStatus, onError });
  }

  #world(deployed: Deployed, executionArn: string): World {
    const { clock, random, region, faults } = this.#options;
    return {
      ...{ clock, random, region },
      attempt: (task) => invokeFunction(task, deployed.caller, faults),
      startMapRun: (request, signal) => this.#startMapRun(deployed, executionArn, request, signal),
    };
  }

  #startMapRun(deployed: Deployed, executionArn: string, request: MapRunRequest, signal: AbortSignal) {
    const { machine, caller, labels } = deployed;
    const label = labels.get(request.state) ?? "";
    const arn = this.#arn(`mapRun:${machine.name}/${label}:${randomUUID()}`);
    const ended: string[] = [];
    const stateMachineArn = `${machine.arn}/${label}`;
    const run = new MapRun({
      ...{ arn, executionArn, stateMachineArn, request, signal, clock: this.#options.clock },
      authorize: () => this.#authorize(deployed),
      read: (place) => readItems(place, caller),
      child: (input) => {
        const name = randomUUID();
        const childArn = this.#arn(`execution:${machine.name}/${label}:${name}`);
        const states = request.state.ItemProcessor;
        const options = {
          arn: childArn,
          name,
          input,
          states,
          timeoutSeconds: undefined,
          mapRunArn: arn,
          stateMachineArn,
        };
        const child = this.#execution(deployed, options);
        this.#children.set(childArn, child);
        return child;
      },
      onEnded: (child) => {
        if (ended.push(child.options.arn) > CHILDREN_KEPT) this.#children.delete(ended.shift() ?? "");
      },
    });
    this.#mapRuns.set(arn, run);
    const outputs = run.run();
    // An execution that has ended meanwhile no longer waits for it.
    outputs.catch(() => undefined);
    return { arn, outputs };
  }

  /**
   * Checks the least permissions that a Distributed Map needs, according to AWS.
   * https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
   */
  async #authorize({ machine, caller }: Deployed): Promise<void> {
    const executions = this.#arn(`execution:${machine.name}:child`);
    const needs = [
      { action: "states:StartExecution", resource: machine.arn },
      { action: "states:DescribeExecution", resource: executions },
      { action: "states:StopExecution", resource: executions },
    ];
    const refusals: string[] = [];
    for (const need of needs) {
      const refusal = await this.#options.permissions.refusalOf(caller.principal, { ...need, context: {} });
      if (refusal !== undefined) refusals.push(refusal);
    }
    if (refusals[0] !== undefined) throw new StateError("States.Permissions", refusals[0]);
  }

  /** A trace that the role may not write is lost: on AWS silently, here with a line in the log of refusals. */
  #trace({ caller }: Deployed): void {
    const { permissions, onError } = this.#options;
    for (const action of TRACING_ACTIONS) {
      permissions
        .refusalOf(caller.principal, { action: `xray:${action}`, resource: "*", context: {} })
        .catch((error: unknown) => onError(error));
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  #arn(resource: string): string {
    return `arn:aws:states:${this.#options.region}:${this.#options.accountId}:${resource}`;
  }
}
