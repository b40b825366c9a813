// Eight workers, each with a browser of its own, sign people up in an app that sends SMS by a webhook. Where
// the numbers come from is for the environment to say.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  fullyParallel: true,
  workers: 8,
  timeout: 120_000,
  retries: 0,
  reporter: [["list"], ["json", { outputFile: process.env.REPORT }]],
  use: {
    baseURL: process.env.APP_URL,
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" },
  },
});
