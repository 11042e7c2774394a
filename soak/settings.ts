import { SluiceError } from "../shared/errors";

/** The settings of a soak. */
export interface SoakSettings {
  /** Surveys handed to the sender, repeats and bad ones included. 10 to 1,000,000. */
  surveys: number;
  /** Participants they come from. 1 to 100,000. */
  participants: number;
  /** Makes the surveys and the faults repeatable. 0 to 2^31. */
  seed: number;
  /** Length of DynamoDB's complete outage in the middle, in seconds. 0 to 3,600. */
  outageSeconds: number;
  /** When it gives up waiting, in minutes from the start. 1 to 240. */
  timeLimitMinutes: number;
}

const BOUNDS: Bounds<SoakSettings> = {
  surveys: [10, 1_000_000],
  participants: [1, 100_000],
  seed: [0, 2 ** 31],
  outageSeconds: [0, 3_600],
  timeLimitMinutes: [1, 240],
};

/** @throws SluiceError BAD_OPTION with every value that is not a whole number within its bounds. */
export function checkSettings(settings: SoakSettings): SoakSettings {
  return checkBounds(settings, BOUNDS);
}

/** Least and most of each setting. */
export type Bounds<S> = Record<keyof S, [minimum: number, maximum: number]>;

/** @throws SluiceError BAD_OPTION with every value that is not a whole number within its bounds. */
export function checkBounds<S extends { [name in keyof S]: number }>(settings: S, bounds: Bounds<S>): S {
  const problems = (Object.keys(bounds) as (keyof S & string)[]).flatMap((name) => {
    const [minimum, maximum] = bounds[name];
    const value = settings[name];
    if (Number.isInteger(value) && value >= minimum && value <= maximum) return [];
    return [`${name} must be a whole number from ${minimum} to ${maximum}, got ${value}.`];
  });
  if (problems.length > 0) throw new SluiceError("BAD_OPTION", problems.join("\n"), { value: settings });
  return settings;
}
