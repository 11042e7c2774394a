/**
 * The operations that users wrote, by name. Empty here: component.ts puts a generated file in the place of this one when
 * it bundles the functions.
 */
import type { UserModule } from "../registry";

export const userOperations: Readonly<Record<string, UserModule>> = {};
