import type {
  PlaywrightTestArgs,
  PlaywrightTestOptions,
  PlaywrightWorkerArgs,
  PlaywrightWorkerOptions,
  TestType,
} from "@playwright/test";

export { expect } from "@playwright/test";

/** A time: milliseconds, as everywhere in Playwright, or a text with its unit, "90s" or "2m". */
export type Time = number | string;

/** Which number a test gets: test.use({ rent: { service: "facebook", country: "us" } }). */
export interface Rent {
  /** The service that sends the SMS, such as "facebook". The box has a default; elsewhere it must be given. */
  service?: string;
  /** The country of the number, such as "us". The box has a default; elsewhere it must be given. */
  country?: string;
  /** The most that the number may cost, in dollars: "0.60". Default: TEMPNUMBER_MAX_PRICE, else no limit. */
  maxPrice?: string;
  /** How long code() and message() wait. Default: 30 s at a box, elsewhere TEMPNUMBER_TIMEOUT, else 3 minutes. */
  timeout?: Time;
}

/** A number that this test alone has. */
export interface Sms {
  /** The activation's id, by which `tempnumber wait ID` finds it too. */
  readonly id: number;
  /** In E.164: "+18454076623". */
  readonly number: string;
  /** Without the country code, as many forms want it: "8454076623". */
  readonly national: string;
  readonly service: string;
  readonly country: string;
  /**
   * Waits for the SMS and returns its code: text, with its leading zeros. The test's own timeout is
   * extended by that of the wait.
   * @throws TempnumberError of the kind "no_sms" when none came in time, "no_code" when there is none in it.
   */
  code(options?: { timeout?: Time }): Promise<string>;
  /** Waits for the SMS and returns its text. */
  message(options?: { timeout?: Time }): Promise<string>;
  /** Asks for another SMS on the same number, after one has come. code() then waits for that one. */
  another(): Promise<void>;
  /** Has an SMS arrive, for trying things out. Only at a box: elsewhere it throws. */
  deliver(text: string): Promise<void>;
}

/** Where the numbers come from. */
export interface Tempnumber {
  /** The base URL; undefined for the real service. At a box the app under test sends its SMS there. */
  readonly url: string | undefined;
  /** Whether it is a service in a box, where numbers cost nothing. */
  readonly offline: boolean;
}

/** What can go wrong; kind and exitCode are those of the program: `tempnumber help exit-codes`. */
export declare class TempnumberError extends Error {
  readonly kind: string;
  readonly exitCode: number;
  readonly id?: number;
  readonly number?: string;
}

export interface TempnumberFixtures {
  /** Which number each test gets. */
  rent: Rent;
  /** A number for this test, rented before it begins. */
  sms: Sms;
}

export interface TempnumberWorkerFixtures {
  /** The service that the numbers come from: one for each worker. */
  tempnumber: Tempnumber;
}

/** Playwright's test with a phone number: test("sign up", async ({ page, sms }) => { … }). */
export declare const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & TempnumberFixtures,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & TempnumberWorkerFixtures
>;
