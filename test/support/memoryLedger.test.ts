import { ledgerSuite } from "../shared/capacity/ledger/ledgerSuite";
import { MemoryLedger } from "./memoryLedger";

describe("a ledger in memory", () => ledgerSuite(() => new MemoryLedger(), 300));
