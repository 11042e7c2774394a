import { measureBatches } from "./ingest/bundles";
(async () => { for (let i = 0; i < 4; i++) console.log(await measureBatches()); })();
