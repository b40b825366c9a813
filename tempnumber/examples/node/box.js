// The service in a box, as a browser test uses it: one request orders a number, one waits
// for the code. Nothing but fetch is needed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

// start runs a program that prints its URL when it is ready.
export async function start(command, args, env = {}) {
  const program = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const failed = once(program, "exit").then(() => Promise.reject(new Error(`${command} ${args.join(" ")} ended`)));
  failed.catch(() => {}); // it ends at the end of the test
  const [url] = await Promise.race([once(createInterface(program.stdout), "line"), failed]);
  return { url, stop: () => program.kill() };
}

export class Box {
  constructor(url, key = "offline-key") {
    this.url = url;
    this.headers = { "x-api-key": key, "content-type": "application/json" };
  }

  async request(method, path, body) {
    const answer = await fetch(this.url + path, { method, headers: this.headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  // orderNumber returns a number of its own to each caller, "+18454123223".
  async orderNumber(serviceId, countryId) {
    const { number } = await this.request("POST", "/activations", { serviceId, countryId });
    return `+${number}`;
  }

  // waitForCode returns the code of the next SMS to a number the moment that it comes.
  async waitForCode(number, wait = "30s") {
    const { code } = await this.request("GET", `/control/codes/${encodeURIComponent(number)}?wait=${wait}`);
    return code;
  }
}
