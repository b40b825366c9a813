import { expect, test } from "@tempnumber/playwright";

test.use({ rent: { service: "facebook", country: "us", maxPrice: "1.00", timeout: "90s" } });

for (let person = 0; person < 8; person++) {
  test(`person ${person} signs up`, async ({ page, sms }) => {
    await page.goto("/");
    await page.getByLabel("Phone").fill(sms.number);
    await page.getByRole("button", { name: "Send code" }).click();
    await page.getByLabel("Code").fill(await sms.code());
    await page.getByRole("button", { name: "Verify" }).click();
    await expect(page.getByText("Welcome!")).toBeVisible();
  });
}
