import * as v from "valibot";
import { SluiceError } from "../../../shared/errors";
import type { Throughput } from "./resourceCapacity";
import type { TableSchema } from "./schema";
import { TableCapacity } from "./tableCapacity";

/** Seconds of unused capacity that DynamoDB keeps for bursts (developer guide, burst-adaptive-capacity). */
const BURST_SECONDS = 300;
/**
 * The initial throughput of an on-demand table, and of each of its indexes (developer guide, on-demand-capacity-mode,
 * "Initial throughput and scaling properties"). It is that of four partitions; growth beyond it is not modelled.
 */
const ON_DEMAND = { rcu: 12_000, wcu: 4_000, partitions: 4 };

const capacityUnits = v.pipe(v.number(), v.integer(), v.minValue(1));
const partitions = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)));
const table = v.pipe(v.string(), v.minLength(3), v.maxLength(255));

const provisioned = v.strictObject({
  table,
  mode: v.literal("provisioned"),
  /** RCU per second of the table. */
  rcu: capacityUnits,
  /** WCU per second of the table. */
  wcu: capacityUnits,
  /** The same for every global secondary index, by its name. */
  indexes: v.optional(v.record(v.string(), v.strictObject({ rcu: capacityUnits, wcu: capacityUnits, partitions })), {}),
  /** Number of partitions; default: as many as the capacity needs. */
  partitions,
  /** Seconds of unused capacity that table and indexes start with. Default 300, as if they had not been used for a while. */
  credit: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(BURST_SECONDS)), BURST_SECONDS),
});

const onDemand = v.strictObject({
  table,
  mode: v.literal("on-demand"),
  /** Number of partitions of the table and of each index. Default 4: those of a new table. */
  partitions,
});

/** No limit, only the record. */
const record = v.strictObject({ table, mode: v.literal("record") });

const settingsSchema = v.variant("mode", [provisioned, onDemand, record]);

export type CapacityMode = CapacitySettings["mode"];
export type CapacitySettings = v.InferOutput<typeof settingsSchema>;
/** The settings in their input form, where defaults may be left out. */
export type CapacitySettingsInput = v.InferInput<typeof settingsSchema>;

/** @throws SluiceError BAD_CAPACITY that lists every problem. */
export function parseCapacitySettings(value: unknown): CapacitySettings {
  return parsed(settingsSchema, value);
}

/** The settings of several tables. @throws SluiceError BAD_CAPACITY that lists every problem. */
export function parseCapacityList(value: unknown): CapacitySettings[] {
  return parsed(v.array(settingsSchema), value);
}

function parsed<Settings>(schema: v.GenericSchema<unknown, Settings>, value: unknown): Settings {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw refusal(result.issues.map((issue) => `${v.getDotPath(issue) ?? "the settings"}: ${issue.message}`));
}

/** @throws SluiceError BAD_CAPACITY if the indexes are not the table's own. */
export function capacityOf(settings: CapacitySettings, schema: TableSchema, now: number): TableCapacity | undefined {
  const names = Object.keys(schema.globalIndexes);
  if (settings.mode === "record") return undefined;
  if (settings.mode === "on-demand") {
    const throughput = { ...ON_DEMAND, partitions: settings.partitions ?? ON_DEMAND.partitions, burst: 1, credit: 1 };
    return new TableCapacity(throughput, Object.fromEntries(names.map((name) => [name, throughput])), now);
  }
  checkIndexes(Object.keys(settings.indexes), names);
  const of = (part: CapacityUnits): Throughput => ({
    rcu: part.rcu,
    wcu: part.wcu,
    burst: BURST_SECONDS,
    credit: settings.credit,
    partitions: part.partitions ?? settings.partitions ?? partitionsFor(part),
  });
  const indexes = Object.entries(settings.indexes).map(([name, index]) => [name, of(index)] as const);
  return new TableCapacity(of(settings), Object.fromEntries(indexes), now);
}

type CapacityUnits = { rcu: number; wcu: number; partitions?: number | undefined };

/** A partition serves 3,000 RCU and 1,000 WCU per second, or a mix (developer guide, bp-partition-key-design). */
function partitionsFor({ rcu, wcu }: CapacityUnits): number {
  return Math.ceil(rcu / 3_000 + wcu / 1_000);
}

function checkIndexes(given: string[], existing: string[]): void {
  const problems = [
    ...given.filter((name) => !existing.includes(name)).map((name) => `indexes.${name}: there is no such index`),
    ...existing.filter((name) => !given.includes(name)).map((name) => `indexes.${name}: rcu and wcu are missing`),
  ];
  if (problems.length > 0) throw refusal(problems);
}

function refusal(problems: string[]): SluiceError {
  return new SluiceError("BAD_CAPACITY", `The capacity settings are wrong: ${problems.join("; ")}.`, {
    value: problems,
  });
}
