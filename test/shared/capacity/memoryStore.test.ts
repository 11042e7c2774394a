import { MemoryStore } from "../../../shared/capacity/memoryStore";
import { ledgerSuite } from "./ledgerSuite";

describe("a ledger in memory", () => ledgerSuite(() => new MemoryStore(), 300));
