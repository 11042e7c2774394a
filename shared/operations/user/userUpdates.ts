/**
 * The updates that users wrote, by name. Empty here: shared/infra/userModules.ts puts a generated file in the place of this
 * one when the functions are bundled.
 */
import type { UpdateModule } from "./updateModule";

export const userUpdates: Readonly<Record<string, UpdateModule>> = {};
