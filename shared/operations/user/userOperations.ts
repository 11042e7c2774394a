/**
 * The operations that users wrote, by name. Empty here: shared/infra/userModules.ts puts a generated file in the place of this
 * one when the functions are bundled.
 */
import type { UserModule } from "./userModule";

export const userOperations: Readonly<Record<string, UserModule>> = {};
