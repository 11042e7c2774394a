/**
 * What runs inside a function instance: loads the handler once, then answers invocations one at a time, as Lambda's Node
 * runtime does. It is plain JavaScript, because an instance has only its archive and Node.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";

const { taskRoot, handler: handlerName, context: fixed, failToLoad } = workerData;

async function load() {
  if (failToLoad) throw new Error("loading failed by a fault rule");
  const dot = handlerName.lastIndexOf(".");
  const [module, name] = [handlerName.slice(0, dot), handlerName.slice(dot + 1)];
  const file = ["mjs", "js", "cjs"].map((end) => join(taskRoot, `${module}.${end}`)).find((path) => existsSync(path));
  if (!file) throw new Error(`Cannot find module '${module}' in the function's archive`);
  const handler = (await import(pathToFileURL(file).href))[name];
  if (typeof handler !== "function") throw new Error(`${handlerName} is undefined or not exported`);
  return handler;
}

function describe(error) {
  const known = error instanceof Error ? error : new Error(String(error));
  return { errorType: known.name, errorMessage: known.message, trace: String(known.stack).split("\n") };
}

let handler;
try {
  handler = await load();
  parentPort.postMessage({ type: "ready" });
} catch (error) {
  parentPort.postMessage({ type: "failedToLoad", error: describe(error) });
}

parentPort.on("message", async ({ requestId, payload, clientContext, deadline }) => {
  const context = {
    ...fixed,
    awsRequestId: requestId,
    clientContext,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    const result = await handler(JSON.parse(payload), context);
    parentPort.postMessage({ type: "result", requestId, payload: JSON.stringify(result ?? null) });
  } catch (error) {
    parentPort.postMessage({ type: "error", requestId, error: describe(error) });
  }
});
