import { SluiceError } from "../../shared/errors";
import { isPlainObject } from "../../shared/json";
import type { AdministrativeRoutes } from "../gateway/administration";
import type { Schedules } from "./schedules";

/**
 * - `GET /_sluice/schedules` lists the schedules.
 * - `POST /_sluice/schedules` with `{ "name": … }` triggers one; without a body the only one.
 */
export function scheduleRoutes(schedules: Schedules): AdministrativeRoutes {
  return {
    "GET /_sluice/schedules": () => ({ schedules: schedules.all() }),
    "POST /_sluice/schedules": (body) => schedules.trigger(nameIn(body)),
  };
}

function nameIn(body: unknown): string | undefined {
  if (body === undefined) return undefined;
  const name = isPlainObject(body) && Object.keys(body).every((key) => key === "name") ? body.name : body;
  if (name === undefined || typeof name === "string") return name;
  const message = `The body must be { "name": "…" } or absent, got ${JSON.stringify(body)}.`;
  throw new SluiceError("INVALID_TRIGGER", message, { value: body });
}
