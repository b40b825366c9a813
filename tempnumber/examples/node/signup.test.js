// A sign-up by SMS in a real browser, eight at a time, each with a number of its own. The
// app sends through Twilio, SNS, Vonage and a webhook: only addresses are changed.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { chromium } from "playwright-core";

import { Box, start } from "./box.js";

const workers = 8;
const programs = [];
const apps = [];
let box;

before(async () => {
  const mock = await start("tempnumber", ["mock", "--quiet"]);
  programs.push(mock);
  box = new Box(mock.url);
  const addresses = {
    twilio: { TWILIO_URL: mock.url, TWILIO_ACCOUNT_SID: "AC" + "0".repeat(32), TWILIO_AUTH_TOKEN: "any", TWILIO_FROM: "+15005550006" },
    sns: { AWS_ENDPOINT_URL_SNS: mock.url, AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "any", AWS_SECRET_ACCESS_KEY: "any" },
    vonage: { VONAGE_URL: mock.url, VONAGE_API_KEY: "any", VONAGE_API_SECRET: "any", VONAGE_FROM: "Examplia" },
    webhook: { SMS_WEBHOOK: `${mock.url}/intake/http?to=/recipient/phone&text=/message` },
  };
  for (const [provider, env] of Object.entries(addresses)) {
    const app = await start("node", ["app.js", provider], env);
    programs.push(app);
    apps.push({ provider, url: app.url });
  }
});
after(() => programs.forEach((program) => program.stop()));

describe("people sign up", { concurrency: workers }, () => {
  for (let worker = 0; worker < workers; worker++) {
    test(`worker ${worker}`, { timeout: 240_000 }, async () => {
      const app = apps[worker % apps.length];
      const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" });
      try {
        const page = await browser.newPage();
        page.setDefaultTimeout(120_000);
        await page.goto(app.url);

        const number = await box.orderNumber("facebook", "us");
        await page.getByLabel("Phone").fill(number);
        await page.getByRole("button", { name: "Send code" }).click();

        const code = await box.waitForCode(number);
        assert.match(code, /^\d{6}$/);
        await page.getByLabel("Code").fill(code);
        await page.getByRole("button", { name: "Verify" }).click();
        await page.getByText("Welcome!").waitFor();
      } finally {
        await browser.close();
      }
    });
  }
});
