/**
 * In bundles of Sluice's own functions this replaces `@smithy/core/event-streams`, 14 kB that the S3 client needs only
 * for SelectObjectContent. No function of ours calls that (docs/decisions/0004).
 */

export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config;

/** What a client's constructor reads. */
export const eventStreamSerdeProvider = (): never => refuse();

export class EventStreamSerde {
  constructor() {
    refuse();
  }
}

function refuse(): never {
  throw new Error("This bundle has no event streams; see docs/decisions/0004.");
}
