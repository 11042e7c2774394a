import { accountOf, type Fates } from "./account";
import type { Found, Run } from "./evidence";
import { type ExpectedItem, expectedItems } from "./expectation";
import type { Accepted } from "./judgeBody";
import { keptBodies, userOf } from "./kept";

/** Every difference between the expected and the actual content, a sentence each. None: nothing was lost or doubled. */
export function reconcile(run: Run, found: Found): string[] {
  const fates = accountOf(run, found);
  return [
    ...receiptDifferences(run),
    ...rawDifferences(run, found),
    ...quarantineDifferences(run, found, fates),
    ...markerDifferences(run, found),
    ...itemDifferences(run, found),
    ...(found.dead === 0 ? [] : [`${found.dead} message(s) in the dead-letter queue`]),
    ...(found.left === 0 ? [] : [`${found.left} message(s) still in the queue`]),
    ...sumDifference(run, fates),
  ];
}

/** The participant of a submission: all its bodies name the same one. */
function ownerOf(candidates: ReadonlyMap<string, Accepted>): string {
  return [...candidates.values()][0]?.userId ?? "";
}

/** Each body must have been taken at least as often as it was sent. */
function receiptDifferences({ sent, receipts }: Run): string[] {
  const open = new Map<string, number>();
  for (const { text } of receipts) open.set(text, (open.get(text) ?? 0) + 1);
  return sent.flatMap((text) => {
    const left = open.get(text) ?? 0;
    open.set(text, left - 1);
    return left > 0 ? [] : [`body ${shown(text)}: lost before the queue took it`];
  });
}

function rawDifferences({ expected, expired, erased }: Run, { raw, markers }: Found): string[] {
  const kept = keptBodies(expected, markers);
  const counted = new Map(markers.map(({ submission, messageId }) => [submission, messageId]));
  const unexpected = [...raw.keys()].filter((key) => !expected.submissions.has(key.replace(/\.json$/, "")));
  const wrong = [...expected.submissions].flatMap(([id, candidates]) => {
    const key = `${id}.json`;
    const object = raw.get(key);
    if (erased.has(ownerOf(candidates))) {
      return object ? [`raw object ${key}: of an erased participant`] : [];
    }
    if (!object) return expired.has(key) ? [] : [`raw object ${key}: lost`];
    const body = kept.get(id);
    if (body !== undefined && !Buffer.from(body.text).equals(object.bytes)) {
      return [`raw object ${key}: not the bytes that were counted`];
    }
    // Only the message that was counted may bring it back: docs/decisions/0010-counted-once.md, "Limits".
    const late = expired.has(key) && object.messageId !== counted.get(id);
    return late ? [`raw object ${key}: brought back by message ${object.messageId} after it had expired`] : [];
  });
  return [...unexpected.map((key) => `raw object ${key}: nobody sent it`), ...wrong];
}

function quarantineDifferences({ erased }: Run, { quarantine }: Found, { quarantined }: Fates): string[] {
  const differences: string[] = [];
  for (const [key, { body, codes }] of quarantine) {
    const should = quarantined.get(key);
    if (erased.has(userOf(body) ?? "")) differences.push(`quarantine ${key}: of an erased participant`);
    else if (!should) differences.push(`quarantine ${key}: no message should have left it there`);
    else if (should.body !== body) differences.push(`quarantine ${key}: the body of another message`);
    else if (should.codes.join() !== [...new Set(codes)].sort().join())
      differences.push(`quarantine ${key}: reasons ${codes.join(", ")}, should be ${should.codes.join(", ")}`);
  }
  const lost = [...quarantined.keys()].filter((key) => !quarantine.has(key));
  return [...differences, ...lost.map((key) => `quarantine ${key}: lost`)];
}

function markerDifferences({ expected, receipts, erased }: Run, { markers }: Found): string[] {
  const kept = keptBodies(expected, markers);
  const bodies = new Map(receipts.map(({ messageId, text }) => [messageId, text]));
  const wrong = markers.flatMap(({ submission, messageId }) => {
    const candidates = expected.submissions.get(submission);
    if (!candidates) return [`marker ${submission}: nobody sent it`];
    if (erased.has(ownerOf(candidates))) return [`marker ${submission}: of an erased participant`];
    const body = kept.get(submission);
    if (!body) return [`marker ${submission}: of a body that nobody sent`];
    return bodies.get(messageId) === body.text ? [] : [`marker ${submission}: of a message with another body`];
  });
  const there = new Set(markers.map(({ submission }) => submission));
  const missing = [...expected.submissions].filter(([id, candidates]) => {
    return !there.has(id) && !erased.has(ownerOf(candidates));
  });
  return [...wrong, ...missing.map(([id]) => `marker ${id}: missing`)];
}

function itemDifferences({ expected, erased }: Run, { markers, items }: Found): string[] {
  const kept = keptBodies(expected, markers);
  const should = expectedItems(expected, (id) => kept.get(id)?.text);
  const unexpected = Object.keys(items).filter((user) => !should.has(user) && !erased.has(user));
  return [
    ...unexpected.map((user) => `participant ${user}: never sent anything that could be accepted`),
    ...[...should].flatMap(([user, item]) => (erased.has(user) ? [] : attributeDifferences(user, item, items[user]))),
    ...[...erased].flatMap((user) => tombstoneDifferences(user, items[user])),
  ];
}

/** Attributes that are internal to ingest, so that a model of the input doesn't contain them. */
const INTERNAL = new Set(["submitted_at", "questions"]);

function attributeDifferences(user: string, should: ExpectedItem, is: Record<string, unknown> | undefined): string[] {
  if (!is) return [`participant ${user}: lost`];
  const names = [...new Set([...Object.keys(should), ...Object.keys(is)])].filter((name) => !INTERNAL.has(name));
  return names
    .filter((name) => is[name] !== should[name])
    .map((name) => `participant ${user}: ${name} is ${shown(is[name])}, should be ${shown(should[name])}`);
}

function tombstoneDifferences(user: string, is: Record<string, unknown> | undefined): string[] {
  const names = Object.keys(is ?? {});
  if (names.join() === "erased_at") return [];
  return [`participant ${user}: was erased, and has ${names.join(", ") || "no tombstone"}`];
}

function sumDifference({ receipts }: Run, fates: Fates): string[] {
  const { stored, duplicates, inQuarantine, erased, dead } = fates;
  const sum = stored + duplicates + inQuarantine + erased + dead;
  if (sum === receipts.length) return [];
  return [
    `${stored} stored + ${duplicates} duplicates + ${inQuarantine} in quarantine + ${erased} erased + ${dead} dead = ${sum}, and the queue took ${receipts.length}`,
  ];
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "not there";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
