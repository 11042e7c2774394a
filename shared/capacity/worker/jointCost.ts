/**
 * The joint cost of requests: the time of the resource that they occupy longest, table or index.
 *
 * The sum of their separate costs would be larger. If every second request needs 10 ms of the table and the others 10
 * ms of an index, each resource is used for half of the time only, but each request costs 10 ms. So a request that uses
 * a resource which lies behind the others costs only what exceeds the difference:
 *
 *   table   ████████▒▒▒▒        a request needs ▒▒▒▒ of the table and ░░░ of the index,
 *   index   ██████░░░           and costs ▒▒▒▒; one that needs ░░ of the index alone costs nothing
 *
 * There is a bound on how far a resource may lie behind. Without it, an index could take more than its limit after a
 * long time without writes.
 */
import type { Consumption } from "../metering/consumption";
import { type CapacityLimits, costMs } from "../metering/limits";

const TABLE = "";

export class JointCost {
  /**
   * By how much each resource lies behind, milliseconds. A resource that was never used is not listed, because nothing
   * is known about it.
   */
  private readonly behind = new Map<string, number>();

  /** The cost of a further request, milliseconds. @param most by how much a resource may lie behind, milliseconds. */
  add(consumption: Consumption, limits: CapacityLimits, factor: number, most: number): number {
    const needs = new Map([...this.behind.keys()].map((name): [string, number] => [name, 0]));
    needs.set(TABLE, costMs({ table: consumption.table }, limits, factor));
    for (const name in consumption.indexes) {
      needs.set(name, costMs({ table: 0, indexes: { [name]: consumption.indexes[name]! } }, limits, factor));
    }
    let cost = 0;
    for (const [name, ms] of needs) cost = Math.max(cost, ms - (this.behind.get(name) ?? 0));
    for (const [name, ms] of needs) this.behind.set(name, Math.min(most, (this.behind.get(name) ?? 0) + cost - ms));
    return cost;
  }
}
