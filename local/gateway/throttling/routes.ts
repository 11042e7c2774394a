import { SluiceError } from "../../../shared/errors";
import type { AdministrativeRoutes } from "../administration";
import type { CapacitySettingsInput } from "./settings";
import type { Throttling } from "./throttling";

/**
 * - `PUT /_sluice/capacity` with settings (settings.ts) switches the model on for a table; `GET` lists what is on.
 * - `DELETE /_sluice/capacity?table=NAME` switches it off; without a table for all of them.
 * - `GET /_sluice/consumption?table=NAME&since=MILLISECONDS` reads the record.
 */
export function capacityRoutes(throttling: Throttling): AdministrativeRoutes {
  return {
    "GET /_sluice/capacity": () => throttling.settings(),
    "PUT /_sluice/capacity": (settings) => throttling.set(settings as CapacitySettingsInput),
    "DELETE /_sluice/capacity": (_, query) => throttling.off(query.get("table") ?? undefined),
    "GET /_sluice/consumption": (_, query) =>
      throttling.consumption(required(query, "table"), milliseconds(query, "since")),
  };
}

function required(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value) return value;
  throw new SluiceError("MISSING_PARAMETER", `The query must name a ${name}.`, { value: query.toString() });
}

function milliseconds(query: URLSearchParams, name: string): number {
  const value = Number(query.get(name) ?? 0);
  if (Number.isFinite(value)) return value;
  throw new SluiceError("BAD_PARAMETER", `${name} must be a number of milliseconds, got ${query.get(name)}.`, {
    value,
  });
}
