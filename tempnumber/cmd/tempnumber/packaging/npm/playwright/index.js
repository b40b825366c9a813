"use strict";
// A phone number for each Playwright test, and the code that comes to it.
//
// Where the numbers come from is decided by the environment, and by nothing in the tests:
//   TEMPNUMBER_BASE_URL that is a service in a box: that one
//   TEMPNUMBER_API_KEY or another TEMPNUMBER_BASE_URL: that service, through the program tempnumber, so that
//     all workers keep the key's limits together
//   neither: a box at http://127.0.0.1:8025 if one runs there, else one that is started for the worker
const { execFile, spawn } = require("node:child_process");
const { once } = require("node:events");
const { createInterface } = require("node:readline");
const { test: base, expect } = require("@playwright/test");
const tempnumber = require("tempnumber");

const usualBox = "http://127.0.0.1:8025";
const orderTime = 150_000; // the key's limits may hold up an order
const longestRequest = 240_000; // fetch gives an answer up after five minutes

class TempnumberError extends Error {
  constructor(message, { kind = "other", exitCode = 1, id, number } = {}) {
    super(message);
    this.name = "TempnumberError";
    Object.assign(this, { kind, exitCode, id, number });
  }
}

/** Milliseconds of a number of them or of a text such as "90s". */
function milliseconds(time) {
  if (typeof time === "number" && time >= 0 && Number.isFinite(time)) return time;
  const parts = /^(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?$/.exec(String(time));
  if (!parts?.[0]) throw new TempnumberError(`${JSON.stringify(time)} is no time; give milliseconds, or a text with its unit: "90s", "2m"`, { kind: "usage", exitCode: 2 });
  const [, minutes = 0, seconds = 0, rest = 0] = parts;
  return minutes * 60_000 + seconds * 1000 + Number(rest);
}

/** Whether a service in a box answers at a URL. No key is sent for that. */
async function isBox(url) {
  try {
    const answer = await fetch(`${url}/control`, { signal: AbortSignal.timeout(5_000), redirect: "error" });
    return answer.ok && "GET /control/codes/{number}" in (await answer.json());
  } catch {
    return false;
  }
}

/** The service in a box: ordered at directly, and asked for codes by one request that is answered the moment they come. */
class Box {
  offline = true;

  constructor(url, key) {
    this.url = url;
    this.key = key;
  }

  async request(method, path, body, time = 10_000) {
    let answer;
    try {
      answer = await fetch(this.url + path, {
        method,
        headers: { "x-api-key": this.key, "content-type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(time + 10_000),
      });
    } catch (error) {
      throw new TempnumberError(`the service in a box at ${this.url} was not reached: ${error.cause?.message ?? error.message}`, { kind: "unreachable", exitCode: 10 });
    }
    const text = await answer.text();
    if (answer.ok) return text ? JSON.parse(text) : undefined;
    let reason = text;
    try {
      const value = JSON.parse(text);
      reason = value.error?.message ?? value.error ?? value.message ?? text;
    } catch {
      // a proxy answers in words
    }
    const failure = new TempnumberError(`${method} ${path.split("?")[0]}: ${answer.status} ${typeof reason === "string" ? reason : JSON.stringify(reason)}`);
    failure.status = answer.status;
    throw failure;
  }

  async rent({ service = "facebook", country = "us", maxPrice }) {
    const order = { serviceId: service, countryId: country };
    if (maxPrice !== undefined) order.expectedPrice = Number(maxPrice);
    const a = await this.request("POST", "/activations", order);
    return { id: a.id, number: `+${a.number}`, national: String(a.nationalNumber), service: a.serviceId, country: a.countryId };
  }

  async wait(rented, time) {
    const path = `/control/codes/${encodeURIComponent(rented.number)}`;
    for (let left = time; ; left -= longestRequest) {
      const now = Math.min(left, longestRequest);
      try {
        return await this.request("GET", `${path}?wait=${now}ms`, undefined, now);
      } catch (error) {
        if (error.status !== 404) throw error;
        if (left <= longestRequest) throw new TempnumberError(`no SMS came to ${rented.number} (activation ${rented.id}) within ${time / 1000} s`, { kind: "no_sms", exitCode: 3, ...rented });
      }
    }
  }

  another = ({ id }) => this.request("PUT", `/activations/${id}`, { status: "retry" });
  deliver = ({ number }, text) => this.request("POST", "/control/sms", { number, text });

  /** Ends a number that still waits, so that it counts no longer as pending. */
  async release({ id }) {
    const { status } = await this.request("GET", `/control/activations/${id}`);
    if (status === "smsRequested" || status === "retryRequested") await this.request("POST", `/control/activations/${id}/refund`);
  }

  stop() {
    this.program?.kill();
  }
}

/** Another service, such as the real one: through the program, which keeps the limits of the key with all other workers. */
class Service {
  offline = false;
  #running = new Map(); // the activation that a program waits for

  constructor(url) {
    this.url = url;
  }

  run(id, ...args) {
    return new Promise((resolve, reject) => {
      const program = execFile(tempnumber.path, [...args, "--json"], { maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
        this.#running.delete(program);
        if (!error) return resolve(stdout.trim() ? JSON.parse(stdout) : undefined);
        let failure = { message: stderr.trim() || error.message };
        try {
          failure = JSON.parse(stderr.trim().split("\n").at(-1)).error;
        } catch {
          // the program was ended, or never started
        }
        const { message, hint, kind, exit_code: exitCode, id, number } = failure;
        reject(new TempnumberError(hint ? `${message}; ${hint}` : message, { kind, exitCode, id, number }));
      });
      this.#running.set(program, id);
    });
  }

  rent({ service, country, maxPrice }) {
    if (!service || !country) {
      throw new TempnumberError("numbers cost money here, so the tests have to say which: test.use({ rent: { service: \"facebook\", country: \"us\", maxPrice: \"0.60\" } })", { kind: "usage", exitCode: 2 });
    }
    const price = maxPrice === undefined ? [] : ["--max-price", String(maxPrice)];
    return this.run(undefined, "order", service, country, "--timeout", `${orderTime}ms`, ...price);
  }

  wait = ({ id }, time) => this.run(id, "wait", String(id), "--timeout", `${time}ms`);
  another = ({ id }) => this.run(id, "another", String(id));

  deliver() {
    throw new TempnumberError("only a service in a box delivers SMS on demand; here the app under test has to send it", { kind: "usage", exitCode: 2 });
  }

  /** Ends what still waits for a number. The service has no cancel: without an SMS it ends by itself after about twenty minutes. */
  async release({ id }) {
    for (const [program, waitsFor] of this.#running) if (waitsFor === id) program.kill();
  }

  stop() {
    for (const program of this.#running.keys()) program.kill();
  }
}

/** Starts a box on a free port. It keeps no rate limits: no key is at stake. */
async function startBox() {
  const program = spawn(tempnumber.path, ["mock", "--quiet", "--lenient"], { stdio: ["ignore", "pipe", "pipe"] });
  const stop = () => program.kill();
  process.once("exit", stop);
  let said = "";
  program.stderr.on("data", (data) => (said += data));
  const ended = new Promise((_, reject) => {
    program.once("error", reject);
    program.once("exit", (code) => reject(new TempnumberError(`tempnumber mock ended with ${code}: ${said.trim()}`)));
  });
  ended.catch(() => {}); // it ends at the end of the worker
  const [url] = await Promise.race([once(createInterface(program.stdout), "line"), ended]);
  const box = new Box(url, "offline-key");
  box.program = program;
  return box;
}

/** Finds the service that the environment names. */
async function find() {
  const { TEMPNUMBER_API_KEY: key, TEMPNUMBER_BASE_URL: url } = process.env;
  const address = url?.replace(/\/+$/, "");
  if (address && (await isBox(address))) return new Box(address, key || "offline-key");
  if (key) return new Service(address);
  if (address) {
    throw new TempnumberError(`no service in a box answers at TEMPNUMBER_BASE_URL=${address}, and TEMPNUMBER_API_KEY is not set; start one (npx tempnumber mock), or give the key of that service`, { kind: "usage", exitCode: 2 });
  }
  return (await isBox(usualBox)) ? new Box(usualBox, "offline-key") : startBox();
}

/** A rented number, as tests see it. */
class Sms {
  #service;
  #rented;
  #testInfo;
  #timeout;

  constructor(service, rented, testInfo, timeout) {
    this.#service = service;
    this.#rented = rented;
    this.#testInfo = testInfo;
    this.#timeout = timeout;
    ({ id: this.id, number: this.number, national: this.national, service: this.service, country: this.country } = rented);
  }

  async #received(options) {
    const time = milliseconds(options.timeout ?? this.#timeout ?? (this.#service.offline ? 30_000 : (process.env.TEMPNUMBER_TIMEOUT ?? 180_000)));
    // The test's own time goes on for as long as the wait may take: whichever ends, it is said why.
    if (this.#testInfo.timeout > 0) this.#testInfo.setTimeout(this.#testInfo.timeout + time);
    return this.#service.wait(this.#rented, time);
  }

  async code(options = {}) {
    const { code } = await this.#received(options);
    if (!code) {
      throw new TempnumberError(`an SMS came to ${this.number} (activation ${this.id}), and there is no code in it; sms.message() has its text`, { kind: "no_code", exitCode: 11, ...this.#rented });
    }
    return code;
  }

  async message(options = {}) {
    return (await this.#received(options)).message;
  }

  async another() {
    await this.#service.another(this.#rented);
  }

  async deliver(text) {
    await this.#service.deliver(this.#rented, text);
  }
}

const test = base.extend({
  rent: [{}, { option: true }],

  tempnumber: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const service = await find();
      try {
        await use(service);
      } finally {
        service.stop();
      }
    },
    { scope: "worker", timeout: 30_000 },
  ],

  sms: [
    async ({ tempnumber: service, rent }, use, testInfo) => {
      const rented = await service.rent(rent);
      // A number that was paid for is named in the report, whatever becomes of the test.
      testInfo.annotations.push({ type: "tempnumber", description: `${rented.number}, activation ${rented.id}` });
      await use(new Sms(service, rented, testInfo, rent.timeout));
      await service.release(rented);
    },
    { timeout: orderTime + 10_000 },
  ],
});

module.exports = { test, expect, TempnumberError };
