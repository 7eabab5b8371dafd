// Many generations.
import { drawTwo, openStudio, paintMany, setSteps } from "../support/drawing.js";
import { expect, hydrated, test } from "../support/test.js";

test.describe.configure({ mode: "default", timeout: 120_000 });

test("the history goes on after its first page", async ({ page }) => {
  await openStudio(page);
  const count = 14;
  await paintMany(page, count);
  await page.reload();
  await hydrated(page);
  const entries = page.locator(".history-entry");
  const older = page.getByRole("button", { name: "Show older ones" });
  await expect(entries).toHaveCount(12);
  await expect(entries.first().getByRole("img")).toHaveAttribute("alt", `picture ${count}`);
  await older.click();
  await expect(entries).toHaveCount(count);
  await expect(older).toBeHidden();
  await entries.last().click();
  await expect(page.locator(".results .caption").first()).toHaveText("picture 1");
});

test("what is unfinished is followed after a reload, though it is behind the first page", async ({ page }) => {
  await openStudio(page);
  await drawTwo(page);
  await setSteps(page, 100);
  const sent = page.waitForResponse("**/api/v1/jobs");
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  const { id } = await (await sent).json();
  const data = await (await page.request.get(`/api/v1/jobs/${id}/request`)).json();
  for (let newer = 0; newer < 12; newer++) {
    const job = await (await page.request.post("/api/v1/jobs", { data })).json();
    await page.request.post(`/api/v1/jobs/${job.id}/cancel`);
  }
  await page.reload();
  await hydrated(page);
  await expect(page.getByTestId("progress")).toHaveText(/^Step \d+ of 100/);
  await expect(page.locator(".history-entry")).toHaveCount(13);
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(page.getByTestId("progress")).toHaveText("Cancelled");
});
