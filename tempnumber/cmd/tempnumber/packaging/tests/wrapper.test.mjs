// The npm package as it was installed into an empty folder, which is the working directory.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, renameSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";

const require = createRequire(resolve("package.json"));
const shim = resolve("node_modules/.bin/tempnumber");
const version = process.env.VERSION;

function run(...args) {
  return new Promise((done) => {
    execFile(shim, args, (error, stdout, stderr) => done({ code: error ? error.code : 0, stdout, stderr }));
  });
}

test("only the program of this platform is installed", () => {
  assert.deepEqual(readdirSync("node_modules/@tempnumber"), [`${process.platform}-${process.arch}`]);
  assert.ok(existsSync(require("tempnumber").path));
});

test("it is the version of the package", async () => {
  assert.equal(require("tempnumber/package.json").version, version);
  assert.match((await run("version")).stdout, new RegExp(`^tempnumber ${version.replaceAll(".", "\\.")} `));
});

test("arguments, streams and exit codes pass through", async () => {
  const wrong = await run("wait");
  assert.equal(wrong.code, 2);
  assert.equal(wrong.stdout, "");
  assert.notEqual(wrong.stderr, "");
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  test(`mock ends with ${signal}, and the program with the script`, { timeout: 30_000 }, async () => {
    const program = spawn(shim, ["mock", "--quiet"], { stdio: ["ignore", "pipe", "inherit"] });
    const [url] = await once(createInterface(program.stdout), "line");
    assert.ok((await fetch(`${url}/healthz`)).ok);
    program.kill(signal);
    const [code] = await once(program, "exit");
    assert.equal(code, 0);
    await assert.rejects(fetch(`${url}/healthz`), "nobody listens any more");
  });
}

test("mock ends when npx is ended", { timeout: 30_000 }, async () => {
  const npx = spawn("npx", ["tempnumber", "mock", "--quiet"], { stdio: ["ignore", "pipe", "ignore"] });
  const [url] = await once(createInterface(npx.stdout), "line");
  npx.stdout.destroy(); // a program that is left over would hold the test up
  npx.kill("SIGTERM");
  await once(npx, "exit");
  for (let tries = 0; tries < 100; tries++) {
    const there = await fetch(`${url}/healthz`).catch(() => undefined);
    if (!there) return;
    await setTimeout(50);
  }
  assert.fail("mock goes on without npx");
});

test("without the platform's package it says what to do", async () => {
  const there = `node_modules/@tempnumber/${process.platform}-${process.arch}`;
  renameSync(there, "node_modules/away");
  try {
    const { code, stderr } = await run("version");
    assert.equal(code, 1);
    assert.match(stderr, /^tempnumber: the package @tempnumber\/\S+ is not installed\. .*npm install @tempnumber\//);
  } finally {
    renameSync("node_modules/away", there);
  }
});

test("a program of one's own takes its place", async () => {
  process.env.TEMPNUMBER_BINARY = process.execPath;
  try {
    assert.equal((await run("-p", "6 * 7")).stdout, "42\n");
    process.env.TEMPNUMBER_BINARY = "/nowhere";
    assert.match((await run("version")).stderr, /TEMPNUMBER_BINARY is \/nowhere/);
  } finally {
    delete process.env.TEMPNUMBER_BINARY;
  }
});
