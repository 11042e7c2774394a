import type { Json } from "../../../shared/json";
import type { MapState } from "../definition/definition";
import { fill } from "../language/template";
import { LIMITS } from "../limits";
import { RuntimeFailure, StateError } from "../stateError";
import { inputOfItem, itemsOf, maxConcurrencyOf } from "./inlineMap";
import type { ItemsInS3 } from "./level";
import { numberOf } from "./numbers";
import type { Visit } from "./visit";

/** Runs a child execution for each item, by a Map Run that can be changed while it runs. @throws StateError. */
export async function runDistributedMap(visit: Visit<MapState>): Promise<Json> {
  const { state, level } = visit;
  const { history, line } = level;
  const items = state.ItemReader ? itemsInS3(visit) : itemsOf(visit);
  // Items in S3 have not been read yet, so AWS counts none.
  history.add(line, "MapStateStarted", { length: "length" in items ? items.length : 0 });
  const request = {
    state,
    items,
    inputOf: (item: Json, index: number) => inputOfItem(visit, item, index),
    maxConcurrency: maxConcurrencyOf(visit, LIMITS.childExecutions),
    ...toleranceOf(visit),
  };
  const { arn, outputs } = level.world.startMapRun(request, level.signal);
  try {
    history.add(line, "MapRunStarted", { mapRunArn: arn });
    const result = await outputs;
    history.add(line, "MapRunSucceeded");
    history.addBeside(line.last, "MapStateSucceeded");
    return result;
  } catch (error) {
    const { error: name, cause } = error as StateError;
    if (error instanceof StateError && !(error instanceof RuntimeFailure)) {
      history.add(line, "MapRunFailed", { error: name, ...(cause === undefined ? {} : { cause }) });
    }
    throw error;
  }
}

function itemsInS3({ state, input, context, level }: Visit<MapState>): ItemsInS3 {
  const { Parameters = {}, ReaderConfig } = state.ItemReader ?? {};
  const { Bucket, Key } = fill(Parameters, { data: input, context }, level.world.random) as Record<string, Json>;
  if (typeof Bucket === "string" && typeof Key === "string") {
    return { bucket: Bucket, key: Key, maxItems: ReaderConfig?.MaxItems };
  }
  throw new RuntimeFailure("The ItemReader needs a Bucket and a Key that are strings.");
}

/** Without any tolerance, the first child that fails ends the run. A limit that is not set does not count. */
function toleranceOf({ state, input, context }: Visit<MapState>) {
  const source = { data: input, context };
  const { ToleratedFailureCountPath: countPath, ToleratedFailurePercentagePath: sharePath } = state;
  const count =
    countPath === undefined ? state.ToleratedFailureCount : numberOf("ToleratedFailureCountPath", countPath, source);
  const share =
    sharePath === undefined
      ? state.ToleratedFailurePercentage
      : numberOf("ToleratedFailurePercentagePath", sharePath, source);
  if (share !== undefined && share > 100) {
    throw new RuntimeFailure("ToleratedFailurePercentage must be between 0 and 100.");
  }
  return { toleratedFailureCount: count, toleratedFailurePercentage: share };
}
