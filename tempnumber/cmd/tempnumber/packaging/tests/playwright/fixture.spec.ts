// What the fixture promises, without a browser and at a box that it starts or finds by itself.
import { expect, type Sms, test, TempnumberError } from "@tempnumber/playwright";

const failure = (promise: Promise<unknown>): Promise<TempnumberError> =>
  promise.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: unknown) => {
      if (error instanceof TempnumberError) return error;
      throw error;
    },
  );

test.describe("a number", () => {
  test.use({ rent: { country: "gb", timeout: "20s" } });

  test("comes with its parts, and its code is text", async ({ sms, tempnumber }, testInfo) => {
    expect(tempnumber.offline).toBe(true);
    expect(sms.number).toMatch(/^\+44\d+$/);
    expect(sms.number).toBe(`+44${sms.national}`);
    expect(testInfo.annotations).toContainEqual({ type: "tempnumber", description: `${sms.number}, activation ${sms.id}` });
    const code: Promise<string> = sms.code(); // waits before the SMS is there
    await sms.deliver("Acme: your code is 05678");
    expect(await code).toBe("05678");
    expect(await sms.code()).toBe("05678");
    expect(await sms.message()).toBe("Acme: your code is 05678");
  });

  test("gets another SMS, and never the former code", async ({ sms }) => {
    await sms.deliver("Your code is 11111");
    expect(await sms.code()).toBe("11111");
    await sms.another();
    const next = sms.code();
    await sms.deliver("Your code is 22222");
    expect(await next).toBe("22222");
  });

  test("is the test's own", async ({ sms }) => {
    await sms.deliver("Your code is 33333");
    expect(await sms.code({ timeout: 5_000 })).toBe("33333");
  });
});

test("nothing came is said, and can be asserted", async ({ sms }, testInfo) => {
  const before = testInfo.timeout;
  const { kind, exitCode, message, name } = await failure(sms.code({ timeout: "1.5s" }));
  expect([kind, exitCode, name]).toEqual(["no_sms", 3, "TempnumberError"]);
  expect(message).toBe(`no SMS came to ${sms.number} (activation ${sms.id}) within 1.5 s`);
  expect(testInfo.timeout).toBe(before + 1500);
});

test("an SMS without a code is said, without its text", async ({ sms }) => {
  await sms.deliver("Welcome to Acme");
  const { kind, message } = await failure(sms.code());
  expect(kind).toBe("no_code");
  expect(message).not.toContain("Welcome");
  expect(await sms.message()).toBe("Welcome to Acme");
});

test("a time needs its unit", async ({ sms }) => {
  for (const timeout of ["20", "", "soon", -1, NaN]) {
    expect((await failure(sms.code({ timeout }))).kind, String(timeout)).toBe("usage");
  }
});

// Two tests of one worker: the second sees what became of the number of the first.
test.describe.serial("a number without an SMS", () => {
  let former: Sms;
  test("waits while its test runs", async ({ sms, tempnumber }) => {
    former = sms;
    expect(await state(tempnumber.url, sms)).toBe("smsRequested");
  });
  test("is given back after it", async ({ tempnumber }) => {
    expect(await state(tempnumber.url, former)).not.toBe("smsRequested");
  });
  async function state(url: string | undefined, { id }: Sms): Promise<string> {
    const answer = await fetch(`${url}/control/activations/${id}`);
    return ((await answer.json()) as { status: string }).status;
  }
});
