import { SluiceError } from "../../shared/errors";
import type { AdministrativeRoutes } from "../gateway/administration";
import type { Meter, Metering } from "./metering";

/**
 * - `PUT /_sluice/metering` starts a meter, in place of the one that was started this way before.
 * - `GET /_sluice/metering` reads it; `DELETE` reads and stops it.
 */
export function meteringRoutes(metering: Metering): AdministrativeRoutes {
  let meter: Meter | undefined;
  const running = () => {
    if (meter !== undefined) return meter;
    throw new SluiceError("NO_METER", "No meter runs; PUT /_sluice/metering starts one.");
  };
  return {
    "PUT /_sluice/metering": () => {
      meter?.stop();
      meter = metering.start();
    },
    "GET /_sluice/metering": () => running().read(),
    "DELETE /_sluice/metering": () => {
      const reading = running().stop();
      meter = undefined;
      return reading;
    },
  };
}
