/** Conditions that must hold in every world, and conditions that must hold once nothing is left to do. */
import type { QuarantineRecord } from "../../../../services/ingest/quarantine";
import { BODIES, type Message } from "./programs";
import { countedText, RAW, type World } from "./world";

export function problemsOf(world: World): string[] {
  return [...always(world), ...(isSettled(world) ? settled(world) : [])];
}

function isSettled({ actors, waiting, erasing }: World): boolean {
  return actors.length === 0 && waiting.length === 0 && !erasing?.length;
}

function always(world: World): string[] {
  const { notes, marker, objects, erased } = world;
  const counted = countedText(world);
  const somewhere = (objects[RAW] ?? []).some((version) => "text" in version && version.text === counted);
  return [
    ...(notes.counted > 1 ? ["it is counted more than once"] : []),
    ...(world.count !== (marker && !erased ? 1 : 0) && !erased ? ["marker and count differ"] : []),
    ...(marker && !notes.expired && !erased && !somewhere ? ["what was counted is in no version"] : []),
  ];
}

function settled(world: World): string[] {
  const { objects, erased, notes } = world;
  if (erased) return Object.values(objects).some(({ length }) => length > 0) ? ["something is kept of the erased"] : [];
  const [current] = objects[RAW] ?? [];
  const raw = current && "text" in current ? current.text : undefined;
  const counted = countedText(world);
  const found: string[] = [];
  if (raw !== undefined && raw !== counted) found.push("the raw object isn't what was counted");
  if (raw === undefined && counted !== undefined && !notes.expired) found.push("the raw object is lost");
  if (raw !== undefined && notes.expired && !countedAgain(world)) found.push("an expired object is there again");
  for (const { message } of notes.done) {
    if (BODIES[message.body] !== counted && codesOf(world, message) === undefined) found.push(`${message.id} is lost`);
  }
  for (const { message } of notes.done) {
    const conflicts = codesOf(world, message)?.includes("conflict");
    if (conflicts && (counted === undefined || BODIES[message.body] === counted)) found.push("a false conflict");
  }
  return found;
}

/** The counted message came again after the object had expired. Then nobody can know whose object it is. */
function countedAgain({ marker, notes }: World): boolean {
  return notes.done.some(({ message, kind }) => message.id === marker?.message?.S && kind === "duplicate");
}

function codesOf({ objects }: World, { id, body }: Message): string[] | undefined {
  const place = `quarantine/participants/0001/${id}.json`;
  const [current] = objects[place] ?? [];
  if (current === undefined || !("text" in current)) return undefined;
  const record = JSON.parse(current.text) as QuarantineRecord;
  return record.body === BODIES[body] ? record.reasons.map(({ code }) => code) : undefined;
}
