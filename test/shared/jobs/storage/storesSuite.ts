/** Tests for every store of jobs, chains and units, wherever it keeps them. */
import { chainsSuite } from "./chainsSuite";
import { failuresSuite } from "./failuresSuite";
import { jobsSuite } from "./jobsSuite";
import type { OpenStores } from "./openStores";
import { unitsSuite } from "./unitsSuite";

export function storesSuite(open: OpenStores): void {
  describe("units", () => unitsSuite(open));
  describe("chains", () => chainsSuite(open));
  describe("jobs", () => jobsSuite(open));
  describe("failures", () => failuresSuite(open));
}
