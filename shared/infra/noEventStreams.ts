/**
 * In bundles of Sluice's own functions this takes the place of `@smithy/core/event-streams`, 14 kB that the S3 client brings along for
 * SelectObjectContent. No function of ours calls that (docs/decisions/0004).
 */

export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config;

/** What a client asks for when it is made. */
export const eventStreamSerdeProvider = (): never => refuse();

export class EventStreamSerde {
  constructor() {
    refuse();
  }
}

function refuse(): never {
  throw new Error("This bundle has no event streams; see docs/decisions/0004.");
}
