/**
 * The updates that users wrote, by name. Empty here: shared/infra/userModules.ts puts a generated file in the place of this
 * one when the functions are bundled.
 */
import type { OperationWork } from "../operation";
import type { UpdateModule } from "./updateModule";

export const userUpdates: Readonly<Record<string, UpdateModule>> = {};

/** Makes the work of a module. Undefined if there is no module: a worker's bundle leaves out what it doesn't need. */
export const updateWork: ((module: UpdateModule) => OperationWork) | undefined = undefined;
