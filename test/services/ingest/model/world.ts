/** The stored state of the modelled world, and the effects of calls on it. */
import { createHash } from "node:crypto";
import { type Answer, BODIES, type BodyName, type Call, ENDED, type Message, PERHAPS_AT_WORK } from "./programs";

/** A version of an object, or the mark that its key was deleted. */
export type Version =
  | { readonly id: string; readonly text: string; readonly messageId: string; readonly writer: string }
  | { readonly id: "mark" };

/** How often each kind of trouble may happen. */
export interface Trouble {
  /** A delivery stops for good, before or after a call has its effect. Its message comes again. */
  readonly crash: number;
  /** The answer of a write to S3 is lost, and the write is repeated. */
  readonly lost: number;
  /** A message comes once more: while it is being worked on, or after it was done. */
  readonly duplicate: number;
  /** The raw object expires. */
  readonly expiry: number;
  /** Somebody makes room in the item, which is full. */
  readonly room: number;
  /** The participant is erased. */
  readonly erasure: number;
}

export const noTrouble: Trouble = { crash: 0, lost: 0, duplicate: 0, expiry: 0, room: 0, erasure: 0 };

export interface Scenario {
  readonly messages: readonly BodyName[];
  /** The item has no room. Default false. */
  readonly full?: boolean;
  readonly trouble: Partial<Trouble>;
}

export interface Actor {
  readonly id: string;
  readonly message: Message;
  readonly answers: readonly Answer[];
  /** Versions of the raw object whose writers had ended before this delivery began. */
  readonly old: readonly string[];
}

export interface World {
  /** By bucket and key; the newest version of each first. */
  readonly objects: Readonly<Record<string, readonly Version[]>>;
  readonly marker: Record<string, { S: string }> | undefined;
  readonly count: number;
  readonly full: boolean;
  readonly erased: boolean;
  /** Remaining steps of the erasure; undefined: there is no erasure. */
  readonly erasing: readonly string[] | undefined;
  readonly waiting: readonly Message[];
  readonly actors: readonly Actor[];
  readonly left: Trouble;
  /** The records of an observer. */
  readonly notes: {
    /** How many transactions took place. */
    readonly counted: number;
    /** The raw object expired since it was counted. */
    readonly expired: boolean;
    /** Messages that were acknowledged, with their fates. */
    readonly done: readonly { readonly message: Message; readonly kind: string }[];
  };
}

export const RAW = "raw/0001092821120000.json";
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("base64");

export function initialWorld({ messages, full = false, trouble }: Scenario): World {
  return {
    objects: {},
    marker: undefined,
    count: 0,
    full,
    erased: false,
    erasing: undefined,
    waiting: messages.map((body, index) => ({ id: `m${index + 1}`, body })),
    actors: [],
    left: { ...noTrouble, ...trouble },
    notes: { counted: 0, expired: false, done: [] },
  };
}

/** The effect and the answer of a call. */
export function perform(world: World, { id, old }: Actor, { name, input }: Call): { world: World; answer: Answer } {
  const place = `${input.Bucket}/${input.Key}`;
  const versions = world.objects[place] ?? [];
  const current = versions[0] !== undefined && "text" in versions[0] ? versions[0] : undefined;
  const unchanged = (answer: Answer) => ({ world, answer });
  const stored = (changed: readonly Version[], value: Record<string, unknown>) => ({
    world: { ...world, objects: { ...world.objects, [place]: changed } },
    answer: { value },
  });
  switch (name) {
    case "PutObject": {
      if (input.IfNoneMatch === "*" && current) return unchanged({ status: 412 });
      if (input.IfMatch !== undefined && !current) return unchanged({ status: 404 });
      if (input.IfMatch !== undefined && current && input.IfMatch !== sha256(current.text)) {
        return unchanged({ status: 412 });
      }
      const mine = versions.filter((version) => "writer" in version && version.writer === id).length;
      const messageId = (input.Metadata as { message: string }).message;
      const version = { id: `${id}.${mine}`, text: String(input.Body), messageId, writer: id };
      return stored([version, ...versions], { VersionId: version.id });
    }
    case "HeadObject": {
      if (!current) return unchanged({ status: 404 });
      const { text, messageId } = current;
      const LastModified = new Date(old.includes(current.id) ? ENDED : PERHAPS_AT_WORK);
      const common = { ETag: sha256(text), ChecksumSHA256: sha256(text), VersionId: current.id };
      return unchanged({ value: { ...common, LastModified, Metadata: { message: messageId } } });
    }
    case "GetObject":
      if (!current) return unchanged({ status: 404 });
      return unchanged({ value: { ETag: sha256(current.text), text: current.text } });
    case "DeleteObject":
      return stored(
        versions.filter((version) => version.id !== input.VersionId),
        {},
      );
    case "GetItem": {
      const tombstone = world.erased ? { erased_at: { S: "now" } } : undefined;
      return unchanged({ value: { Item: input.TableName === "submissions" ? world.marker : tombstone } });
    }
    case "TransactWriteItems":
      return transact(world, input);
    default:
      throw new Error(`the model knows no ${name}`);
  }
}

function transact(world: World, input: Call["input"]): { world: World; answer: Answer } {
  const none = { Code: "None" };
  const failed = { Code: "ConditionalCheckFailed" };
  const markerReason = world.marker ? { ...failed, Item: world.marker } : none;
  const noRoom = { Code: "ValidationError", Message: "Item size to update has exceeded the maximum allowed size" };
  const tombstone = { ...failed, Item: { erased_at: { S: "now" } } };
  const resultReason = world.erased ? tombstone : world.full && !world.marker ? noRoom : none;
  if (markerReason !== none || resultReason !== none) {
    return { world, answer: { cancelled: [markerReason, resultReason] } };
  }
  const [{ Put }] = input.TransactItems as [{ Put: { Item: World["marker"] } }];
  const notes = { ...world.notes, counted: world.notes.counted + 1 };
  return { world: { ...world, marker: Put.Item, count: world.count + 1, notes }, answer: { value: {} } };
}

/** The body that was counted. */
export function countedText({ marker }: World): string | undefined {
  return Object.values(BODIES).find((text) => sha256(text) === marker?.sha256?.S);
}
