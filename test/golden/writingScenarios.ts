/** Pages of writing jobs, and how DynamoDB answers each write. All of it is JSON, for the Python package too. */
import type { Json } from "../../shared/json";

/** An item as DynamoDB JSON. */
export type JsonItem = Readonly<Record<string, Record<string, Json>>>;

/** How DynamoDB answers one write. Without any field, the write succeeds. */
export interface Answer {
  /** Code of a statement's error. */
  readonly code?: string;
  /** Name of the exception that the request fails with. */
  readonly exception?: string;
  /** The item that the failed condition met. */
  readonly met?: JsonItem;
  /** The item that was deleted. */
  readonly deleted?: JsonItem;
  /** A batch of puts leaves the write unprocessed, or a lookup its key. */
  readonly unprocessed?: boolean;
}

export interface PageOf {
  readonly items: readonly JsonItem[];
  readonly missing?: readonly JsonItem[];
  readonly unreadable?: readonly { readonly line: string; readonly reason: string }[];
  /** A checkpoint follows. */
  readonly flush?: boolean;
  readonly last?: boolean;
}

export interface Scenario {
  readonly title: string;
  readonly operation: "update" | "delete" | "copy";
  readonly params: Readonly<Record<string, Json>>;
  readonly pages: readonly PageOf[];
  /** By the item's id, in the order of the writes. */
  readonly answers?: Readonly<Record<string, readonly Answer[]>>;
  /** Items of the table, for a dry run that looks into it at 1,000 RCU/s. Default: it doesn't look there. */
  readonly there?: readonly JsonItem[];
  /** Objects that are there at the beginning, by key. */
  readonly found?: Readonly<Record<string, string>>;
}

export const target = {
  name: "orders",
  keys: ["id"],
  keyTypes: { id: "S", day: "S" },
  indexes: [{ name: "byDay", kind: "global", keys: ["day"], projection: "ALL" }],
} as const;

const order = (id: string, more: JsonItem = {}): JsonItem => ({ id: { S: id }, status: { S: "open" }, ...more });
const refused = (met?: JsonItem): Answer => ({ code: "ConditionalCheckFailed", ...(met && { met }) });
const changed = (id: string, status: string) => refused(order(id, { status: { S: status } }));
const existing = (met: JsonItem): Answer => ({ exception: "ConditionalCheckFailedException", met });

/** Sets a composite key, removes an attribute, leaves closed orders. */
const update = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the update's
  set: { key: "${status}#${id}", day: "${date}" },
  remove: ["old"],
  onlyIf: "status <> :closed",
  typedValues: { ":closed": { S: "closed" } },
};
const label = { set: { label: { S: "new" } } };
const photo: JsonItem = { photo: { B: "AP8H" }, tags: { SS: ["b", "a"] } };
const dated = (id: string, more: JsonItem = {}) => order(id, { date: { S: "2024-01-01" }, ...more });

export const scenarios: readonly Scenario[] = [
  {
    title: "an update decides on each item, and lists what fails",
    operation: "update",
    params: { update },
    pages: [
      {
        items: [
          dated("fresh"),
          dated("old", { old: { N: "1" }, ...photo }),
          dated("done", { key: { S: "open#done" }, day: { S: "2024-01-01" } }),
          dated("closed", { status: { S: "closed" } }),
          order("undated"),
          dated("empty", { date: { S: "" } }),
          dated("ü 😀"),
        ],
        missing: [{ id: { S: "not there" } }],
        unreadable: [{ line: '{"id":', reason: "It is no JSON." }],
        flush: true,
      },
      { items: [dated("more")], missing: [{ id: { S: "nor this" } }], flush: true, last: true },
    ],
  },
  {
    title: "what others changed meanwhile is decided on again",
    operation: "update",
    params: { update: label, keepItems: true },
    pages: [
      { items: ["again", "already", "gone", "conflict", "twice", "bad", "slow", "twice"].map((id) => order(id)) },
      { items: [order("late")], flush: true },
    ],
    answers: {
      again: [changed("again", "paid")],
      already: [refused(order("already", { label: { S: "new" } }))],
      gone: [refused()],
      conflict: ["1", "2", "3", "4"].map((status) => changed("conflict", status)),
      twice: [{}, refused(order("twice", { label: { S: "new" } }))],
      bad: [{ code: "ValidationError" }],
      slow: [{ code: "ThrottlingError" }, { code: "TransactionConflict" }, refused()],
      late: [{ code: "SomethingNew" }],
    },
  },
  {
    title: "an update of a missing attribute fails where that is asked for",
    operation: "update",
    params: { update: { ...update, missing: "fail" } },
    pages: [{ items: [order("undated"), dated("list", { date: { L: [] } })], flush: true }],
  },
  {
    title: "names that no statement takes go by UpdateItem",
    operation: "update",
    params: { update: { set: { "#label": { S: "new" } }, names: { "#label": "#label" } }, keepItems: true },
    pages: [{ items: ["a", "b", "c", "d"].map((id) => order(id)), flush: true }],
    answers: {
      b: [existing(order("b", { "#label": { S: "new" } }))],
      c: [{ exception: "ConditionalCheckFailedException" }],
      d: [{ exception: "ThrottlingException" }, { exception: "ValidationException" }],
    },
  },
  {
    title: "a marker keeps an addition from happening twice",
    operation: "update",
    params: { update: { add: { count: { N: "0.5" } }, marker: "job" } },
    pages: [
      {
        items: [
          order("first", { count: { N: "1e20" } }),
          order("none"),
          order("done", { count: { N: "2" }, job: { S: "job-1" } }),
          order("text", { count: { S: "2" } }),
          order("large", { count: { N: "99999999999999999999999999999999999999" } }),
        ],
        flush: true,
      },
    ],
    answers: { first: [{ code: "InternalServerError" }, refused(order("first", { job: { S: "job-1" } }))] },
  },
  {
    title: "former values are kept before the writes, and taken back where a write did not happen",
    operation: "update",
    params: { update: { set: { label: { S: "new" } }, remove: ["old"] }, keepBefore: true },
    found: { "job/before/0000003/0000000.jsonl.gz": "of a worker that was killed" },
    pages: [
      {
        items: [order("a", { label: { N: "1" }, old: { B: "AP8H" } }), order("b"), order("c"), order("d"), order("e")],
      },
      { items: [order("f", { old: { NULL: true } })], flush: true, last: true },
    ],
    answers: {
      b: [refused()],
      c: [changed("c", "paid")],
      d: [{ code: "ThrottlingError" }, refused(order("d", { label: { S: "new" } }))],
      e: [{ code: "ValidationError" }],
    },
  },
  {
    title: "a dry run writes nothing, and reports what it would do",
    operation: "update",
    params: { update, dryRun: true },
    pages: [
      {
        items: [
          dated("fresh"),
          dated("large", { text: { S: "x".repeat(1_500) }, ...photo }),
          dated("moved", { day: { S: "2023-01-01" } }),
          dated("closed", { status: { S: "closed" } }),
          dated("empty", { date: { S: "" } }),
        ],
      },
      { items: Array.from({ length: 25 }, (_, n) => dated(`n${n}`)), flush: true, last: true },
    ],
  },
  {
    title: "a deletion deletes what meets its condition, and nothing else",
    operation: "delete",
    params: {
      onlyIf: "#s = :open AND attribute_not_exists(kept.by[0])",
      names: { "#s": "status" },
      values: { ":open": "open" },
    },
    pages: [
      {
        items: [
          order("a"),
          order("closed", { status: { S: "closed" } }),
          order("kept", { kept: { M: { by: { L: [{ S: "me" }] } } } }),
          order("gone"),
          order("paid"),
        ],
        flush: true,
      },
    ],
    answers: { a: [{ deleted: order("a") }], paid: [changed("paid", "paid")] },
  },
  {
    title: "a deletion of everything keeps the items as they were",
    operation: "delete",
    params: { keepBefore: true },
    pages: [{ items: [order("a", photo), order("b"), order("c")], flush: true, last: true }],
    answers: {
      a: [{ deleted: order("a", photo) }],
      b: [{ deleted: order("b", { added: { BOOL: true } }) }],
    },
  },
  {
    title: "a copy puts items in batches, those left undone again",
    operation: "copy",
    params: {
      to: "orders",
      transform: {
        set: { day: { S: "2024-01-01" } },
        remove: ["old"],
        onlyIf: "status <> :c",
        values: { ":c": "closed" },
      },
    },
    pages: [
      {
        items: [
          order("a", photo),
          order("b", { old: { S: "1" } }),
          order("closed", { status: { S: "closed" } }),
          order("same", { day: { S: "2024-01-01" } }),
          { id: { N: "5" } },
          order("bad"),
          order("b"),
        ],
        flush: true,
      },
    ],
    answers: {
      a: [{ unprocessed: true }, { unprocessed: true }],
      bad: Array(5).fill({ exception: "ValidationException" }),
    },
  },
  {
    title: "a copy of what is absent leaves what is there",
    operation: "copy",
    params: { to: "orders", ifAbsent: true, keepBefore: true },
    pages: [{ items: ["new", "same", "other", "bad"].map((id) => order(id)), flush: true, last: true }],
    answers: {
      same: [existing(order("same"))],
      other: [existing(order("other", { status: { S: "paid" } }))],
      bad: [{ exception: "ItemCollectionSizeLimitExceededException" }],
    },
  },
  {
    title: "a dry run of a copy of what is absent looks at what is there",
    operation: "copy",
    params: {
      to: "orders",
      ifAbsent: true,
      dryRun: true,
      transform: { set: { label: { S: "new" } }, remove: ["old"] },
    },
    pages: [
      {
        items: [
          order("new", { old: { N: "1" } }),
          order("same", photo),
          order("other", { day: { S: "2024-01-01" } }),
          order("large"),
          order("twice"),
          order("twice", { old: { N: "2" } }),
          order("twice", { status: { S: "paid" } }),
          { id: { N: "5" } },
        ],
      },
      { items: [{ id: { N: "6" } }] },
      { items: [order("slow"), order("new")], flush: true, last: true },
    ],
    there: [
      order("same", { ...photo, label: { S: "new" } }),
      order("other", { label: { S: "new" } }),
      order("large", { text: { S: "x".repeat(5_000) } }),
      order("slow"),
    ],
    answers: { slow: [{ unprocessed: true }] },
  },
  {
    title: "the last page without a failure removes what an attempt left",
    operation: "update",
    params: { update: label },
    found: { "job/failures/0000003/0000000.jsonl.gz": "of a worker that was killed" },
    pages: [
      { items: [order("a")], flush: true },
      { items: [], flush: true, last: true },
    ],
  },
];
