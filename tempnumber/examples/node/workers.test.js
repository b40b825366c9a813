// Eight browser workers, each its own process, one key. The programs of a machine share the key's
// limits by a file; TEMPNUMBER_SHARE=redis://HOST:PORT lets them do so on many machines.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { Box, start } from "./box.js";

test("eight workers share one key", { timeout: 300_000 }, async () => {
  const home = await mkdtemp(join(tmpdir(), "tempnumber-"));
  const mock = await start("tempnumber", ["mock", "--quiet"]);
  const app = await start("node", ["app.js", "webhook"], { SMS_WEBHOOK: `${mock.url}/intake/http?to=/recipient/phone&text=/message` });
  try {
    const env = { ...process.env, TEMPNUMBER_BASE_URL: mock.url, TEMPNUMBER_API_KEY: "offline-key", XDG_STATE_HOME: home };
    const workers = Array.from({ length: 8 }, () => spawn("node", ["worker.js", app.url], { env, stdio: ["ignore", "inherit", "inherit"] }));
    const codes = await Promise.all(workers.map(async (worker) => (await once(worker, "exit"))[0]));
    assert.deepEqual(codes, Array(8).fill(0));
    const requests = await new Box(mock.url).request("GET", "/control/requests");
    const statuses = JSON.stringify(requests).match(/"status":\d+/g);
    assert.ok(statuses.length >= 16);
    assert.ok(!statuses.includes('"status":429'), "the service refused nobody");
  } finally {
    app.stop();
    mock.stop();
    await rm(home, { recursive: true });
  }
});
