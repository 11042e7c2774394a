/** Saves and flushes without end, until the test kills it. Prints each id on its own line once `save` has resolved. */
import { writeSync } from "node:fs";
import { createSender, openOutbox } from "../../sender/index";

const [folder = "", queueUrl = "", life = ""] = process.argv.slice(2);
const sender = createSender({ queueUrl }, { credentials: { accessKeyId: "test", secretAccessKey: "test" } });
const outbox = openOutbox(folder, sender);

async function main() {
  for (let i = 0; i < 10_000; i++) {
    const user_id = `${life}-${i}`;
    await outbox.save({ user_id, timestamp: "092821120000", freetext: "x".repeat((i * 997) % 20_000) });
    writeSync(1, `${user_id}\n`);
    if (i % 7 === 0) void outbox.flush();
  }
}
void main();
