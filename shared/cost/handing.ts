/** How a driver hands a job's work to workers, for the estimate of costs. Pure. */
import { numbersPerBatch } from "../capacity/metering/workerSpeed";
import { HAND_ON, TURN, UNIT, WORKFLOW_HAND_ON, WORKFLOW_TURN, WORKFLOW_UNIT } from "./model";
import type { Usage } from "./usage";

export interface Handing {
  /** Number of series of invocations. In a series, each invocation continues where the last one stopped. */
  readonly successions: (job: { readonly workers: number; readonly units: number; readonly seconds: number }) => number;
  /** Usage of any invocation of a worker, and of an invocation that hands on. */
  readonly turn: Partial<Usage>;
  readonly handOn: Partial<Usage>;
  /** Usage of each unit, and of each worker that runs at once. */
  readonly unit: Partial<Usage>;
  readonly worker: Partial<Usage>;
}

/** A chain takes one unit after another. At its end it finds that all are claimed. */
export const queueHanding: Handing = {
  successions: ({ workers }) => workers,
  turn: TURN,
  handOn: HAND_ON,
  unit: UNIT,
  worker: { writeUnits: 1 },
};

/** A lane takes one batch of units, so each batch has at least one invocation. */
export const workflowHanding: Handing = {
  successions: ({ workers: lanes, units, seconds }) =>
    Math.ceil(units / numbersPerBatch({ count: units, lanes, seconds, units })),
  turn: WORKFLOW_TURN,
  handOn: WORKFLOW_HAND_ON,
  unit: WORKFLOW_UNIT,
  worker: {},
};
