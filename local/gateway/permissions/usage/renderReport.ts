import Table from "cli-table3";
import type { PermissionReport } from "./report";

const HEAD = ["role", "action", "policy", "outcome"];

/** The report as text: a line for every action granted or refused. */
export function renderReport({ roles }: PermissionReport): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [] } });
  for (const { role, used, unused, refused } of roles) {
    for (const { action, policy, sid, times } of used)
      table.push([role, action, `${policy} ${sid}`, `used ${times} ×`]);
    for (const { action, policy, sid } of unused) table.push([role, action, `${policy} ${sid}`, "never used"]);
    for (const { action, resource, times } of refused) table.push([role, action, resource, `REFUSED ${times} ×`]);
  }
  const missing = roles.flatMap(({ role, refused }) =>
    refused.flatMap((refusal) => (refusal.missing ? [`${role} lacks ${JSON.stringify(refusal.missing)}`] : [])),
  );
  return `${[table.toString(), ...missing].join("\n")}\n`;
}
