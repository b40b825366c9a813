#!/usr/bin/env node
"use strict";
// Runs the program in place of this script: same arguments, streams, signals and exit code.
const { spawn } = require("node:child_process");
const { constants } = require("node:os");

let program;
try {
  program = spawn(require("../index.js").path, process.argv.slice(2), { stdio: "inherit" });
} catch (error) {
  console.error(`tempnumber: ${error.message}`);
  process.exit(1);
}
// Ctrl-C reaches the program by itself, as part of the terminal's group, and a second one would end it the
// hard way. So it is passed on only where there is no terminal.
for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) program.kill(signal);
  });
}
// npx and npm run put a shell between, which passes no signal on: when they are ended, this script is left
// over. Then the program has to end as well.
if (process.env.npm_command) {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || program.kill("SIGTERM"), 250).unref();
}
program.on("error", (error) => {
  console.error(`tempnumber: ${error.message}`);
  process.exit(1);
});
program.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
