/** The ledger item as DynamoDB keeps it, and a change of it as one update. dynamoDbLedger.ts lists the attributes. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { UpdateParts } from "../../aws/update";
import type { LedgerChange, LedgerItem } from "./ledgerItem";

export type Attributes = Record<string, AttributeValue>;

/** The attribute that every ledger has. */
const EXISTS = "attribute_exists(#until)";

/** The condition for each requirement on a number; `:name` is the requirement's own value. */
const conditions = {
  untilFrom: "#until >= :untilFrom",
  untilTo: "#until <= :untilTo",
  untilBefore: "#until < :untilBefore",
  factorAtTo: "#factorAt <= :factorAtTo",
} as const;

type Numeric = keyof typeof conditions;

/** A change of a ledger that must exist. */
export function updateParts({ require = {}, set = {}, add = {}, member }: LedgerChange): UpdateParts {
  const all = [EXISTS];
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(conditions) as Numeric[]) {
    const limit = require[name];
    if (limit === undefined) continue;
    all.push(conditions[name]);
    values[name] = rounded(limit);
  }
  if (require.unpaused) {
    all.push("#paused = :unpaused");
    values.unpaused = false;
  }
  if (require.memberUnpaused !== undefined) {
    all.push("NOT contains(#pausedMembers, :member)");
    values.member = require.memberUnpaused;
  }
  if (require.costKnown !== undefined) {
    all.push(`#costCount ${require.costKnown ? ">" : "="} :none`);
    values.none = 0;
  }
  const amounts = Object.fromEntries(Object.entries(add).map(([name, amount]) => [name, rounded(amount)]));
  const pausedMembers = member && { pausedMembers: new Set([member.name]) };
  return {
    condition: all.join(" AND "),
    values,
    set: written(set),
    add: member?.paused ? { ...amounts, ...pausedMembers } : amounts,
    ...(member?.paused === false && { delete: pausedMembers }),
  };
}

/** A new item's attributes. */
export function toAttributes(item: LedgerItem): Attributes {
  return marshall(written(item));
}

export function fromAttributes(attributes: Attributes): LedgerItem {
  const amount = (name: string) => Number(attributes[name]?.N ?? 0);
  const limits = attributes.limits?.M ?? {};
  const indexes = Object.entries(limits.indexes?.M ?? {}).map(([name, limit]) => [name, Number(limit.N)]);
  return {
    until: amount("until"),
    reservations: amount("reservations"),
    workers: amount("workers"),
    costSum: amount("costSum"),
    costCount: amount("costCount"),
    limits: { table: Number(limits.table?.N), indexes: Object.fromEntries(indexes) },
    paused: attributes.paused?.BOOL === true,
    ...(attributes.pausedMembers?.SS && { pausedMembers: attributes.pausedMembers.SS }),
    factor: amount("factor"),
    factorAt: amount("factorAt"),
  };
}

/** The values as they are written: times and amounts are rounded, while `factor`, a share, keeps its digits. */
function written(item: Partial<LedgerItem>): Record<string, unknown> {
  const entries = Object.entries(item).map(([name, value]) => {
    return [name, typeof value === "number" && name !== "factor" ? rounded(value) : value];
  });
  const { limits } = item;
  return { ...Object.fromEntries(entries), ...(limits && { limits: { ...limits, indexes: limits.indexes ?? {} } }) };
}

/** To the microsecond: more digits than that are float noise. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
