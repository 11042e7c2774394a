import type { Consumption } from "../../../shared/capacity/metering/consumption";
import type { Piece } from "./pieces";
import { ConsumptionRecord } from "./record";
import type { Refusal } from "./refusals";
import type { TableSchema } from "./schema";
import { type CapacitySettings, capacityOf } from "./settings";
import type { TableCapacity, Touch } from "./tableCapacity";
import { touchesOf } from "./touches";

/** A piece of a request and its outcome. */
export interface Asked {
  piece: Piece;
  /** The table's model; absent if it has none, so that everything is admitted. */
  model?: ModelledTable;
  /** The capacity that was taken for it. */
  touches: Touch[];
  refusal?: Refusal;
}

export interface ModelledTableOptions {
  arn: string;
  settings: CapacitySettings;
  schema: TableSchema;
  /** Continues this record. Default: a new one. */
  record?: ConsumptionRecord;
  /** Milliseconds. */
  now: number;
}

/** A table for which the capacity model is on: its settings, its capacity (unless it is only recorded), its record. */
export class ModelledTable {
  readonly settings: CapacitySettings;
  readonly record: ConsumptionRecord;
  readonly #arn: string;
  readonly #schema: TableSchema;
  readonly #capacity: TableCapacity | undefined;

  /** @throws SluiceError BAD_CAPACITY if the settings do not fit the table. */
  constructor({ arn, settings, schema, record, now }: ModelledTableOptions) {
    this.settings = settings;
    this.record = record ?? new ConsumptionRecord();
    this.#arn = arn;
    this.#schema = schema;
    this.#capacity = capacityOf(settings, schema, now);
  }

  ask(piece: Piece, now: number): Asked {
    if (!this.#capacity) return { piece, model: this, touches: [] };
    const touches = touchesOf(piece, this.#schema);
    const exhausted = this.#capacity.admit(piece.direction, touches, now);
    if (!exhausted) return { piece, model: this, touches };
    this.record.refused(exhausted.index, now);
    const { direction } = piece;
    const refusal = { ...exhausted, direction, mode: this.settings.mode, tableArn: this.#arn };
    return { piece, model: this, touches: [], refusal };
  }

  /** Charges pieces that were admitted, all of one request, at `now`; `arrived` is the time under which they are recorded. */
  settle(asked: readonly Asked[], consumption: Consumption, { arrived, now }: { arrived: number; now: number }): void {
    const direction = asked[0]?.piece.direction ?? "read";
    const touches = asked.flatMap((one) => one.touches);
    this.#capacity?.settle(direction, touches, consumption, now);
    this.record.add(direction, consumption, arrived);
  }
}
