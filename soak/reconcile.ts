import { type Expectation, type ExpectedItem, expectedItems } from "./expectation";

/** What is there in the end. */
export interface Found {
  /** Raw objects by key, byte for byte. */
  raw: ReadonlyMap<string, Buffer>;
  /** Quarantine objects by key. */
  quarantine: ReadonlyMap<string, { body: string; codes: string[] }>;
  /** Ids of the submissions that have a marker. */
  markers: readonly string[];
  /** Items of the results table by user_id. */
  items: Readonly<Record<string, Record<string, unknown>>>;
  /** Messages in the dead-letter queue. */
  dead: number;
  /** Messages left in the queue. */
  left: number;
}

/** Every difference between what should be there and what is, a sentence each. None: nothing lost, nothing twice. */
export function reconcile(expected: Expectation, found: Found): string[] {
  return [
    ...rawDifferences(expected, found),
    ...quarantineDifferences(expected, found),
    ...markerDifferences(expected, found),
    ...itemDifferences(expected, found),
    ...(found.dead === 0 ? [] : [`${found.dead} message(s) in the dead-letter queue`]),
    ...(found.left === 0 ? [] : [`${found.left} message(s) still in the queue`]),
  ];
}

function rawDifferences({ submissions }: Expectation, { raw }: Found): string[] {
  const keys = new Set([...submissions.keys()].map((id) => `${id}.json`));
  const unexpected = [...raw.keys()].filter((key) => !keys.has(key)).map((key) => `raw object ${key}: nobody sent it`);
  const wrong = [...submissions].flatMap(([id, candidates]) => {
    const object = raw.get(`${id}.json`);
    if (!object) return [`raw object ${id}.json: lost`];
    const same = [...candidates.keys()].some((text) => Buffer.from(text).equals(object));
    return same ? [] : [`raw object ${id}.json: not the bytes that were sent`];
  });
  return [...unexpected, ...wrong];
}

function quarantineDifferences(expected: Expectation, found: Found): string[] {
  const should = new Map(refusals(expected, found));
  const differences: string[] = [];
  for (const [key, { body, codes }] of found.quarantine) {
    const reasons = should.get(body);
    if (!reasons || !key.startsWith(folderOf(body))) differences.push(`quarantine ${key}: nobody sent it`);
    else if (reasons.join() !== [...new Set(codes)].sort().join())
      differences.push(`quarantine ${key}: reasons ${codes.join(", ")}, should be ${reasons.join(", ")}`);
  }
  // A body has an object for each of its messages; of these only SQS knows the ids.
  const kept = new Set([...found.quarantine.values()].map(({ body }) => body));
  for (const body of should.keys()) if (!kept.has(body)) differences.push(`quarantine ${folderOf(body)}: lost`);
  return differences;
}

/** Where a body lies in quarantine: with its participant, if it names a valid one. */
function folderOf(text: string): string {
  let user: unknown;
  try {
    user = (JSON.parse(text) as { user_id?: unknown } | null)?.user_id;
  } catch {
    // It names nobody.
  }
  const valid = typeof user === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(user);
  return valid ? `participants/${user}/` : "unidentified/";
}

/** Bodies that should be in quarantine, with the codes of their reasons: what is refused, and what lost a conflict. */
function refusals({ refused, submissions }: Expectation, { raw }: Found): [body: string, codes: string[]][] {
  const never = [...refused].map(([text, { codes }]): [string, string[]] => [text, codes]);
  const losers = [...submissions].flatMap(([id, candidates]) => {
    const kept = raw.get(`${id}.json`)?.toString();
    const others = [...candidates.keys()].filter((text) => text !== kept);
    // Where nothing is kept at all that is said of the raw object already.
    return kept === undefined && others.length === 1 ? [] : others;
  });
  return [...never, ...losers.map((text): [string, string[]] => [text, ["conflict"]])];
}

function markerDifferences({ submissions }: Expectation, { markers }: Found): string[] {
  const there = new Set(markers);
  return [
    ...markers.filter((id) => !submissions.has(id)).map((id) => `marker ${id}: nobody sent it`),
    ...[...submissions.keys()].filter((id) => !there.has(id)).map((id) => `marker ${id}: missing`),
  ];
}

function itemDifferences(expected: Expectation, { raw, items }: Found): string[] {
  const should = expectedItems(expected, (id) => raw.get(`${id}.json`)?.toString());
  const unexpected = Object.keys(items).filter((user) => !should.has(user));
  return [
    ...unexpected.map((user) => `participant ${user}: never sent anything that could be accepted`),
    ...[...should].flatMap(([user, item]) => attributeDifferences(user, item, items[user])),
  ];
}

/** Attributes that are ingest's own business, of which a model of the input says nothing. */
const INTERNAL = new Set(["submitted_at", "questions"]);

function attributeDifferences(user: string, should: ExpectedItem, is: Record<string, unknown> | undefined): string[] {
  if (!is) return [`participant ${user}: lost`];
  const names = [...new Set([...Object.keys(should), ...Object.keys(is)])].filter((name) => !INTERNAL.has(name));
  return names
    .filter((name) => is[name] !== should[name])
    .map((name) => `participant ${user}: ${name} is ${shown(is[name])}, should be ${shown(should[name])}`);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "not there";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
