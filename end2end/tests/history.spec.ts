// Many generations, and one that is stopped.
import { drawTwo, generate, openStudio, paintMany, setSide, setSteps } from "../support/drawing.js";
import { startStudio } from "../support/studio.js";
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

test("cancel stops the painting within one step", async ({ page }) => {
  const studio = await startStudio();
  await openStudio(page, studio.url);
  await drawTwo(page);
  // Large, so that a step takes longer than the word to stop.
  await setSteps(page, 100);
  await setSide(page, 384);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  // Pressed in the moment in which a step is told.
  const pressed = await page.getByTestId("progress").evaluate(
    (progress) =>
      new Promise<number>((resolve) => {
        const look = () => {
          const step = Number(/^Step (\d+) of 100/.exec(progress.textContent ?? "")?.[1] ?? 0);
          if (step < 2) return;
          observer.disconnect();
          document.querySelector<HTMLButtonElement>(".generate.stop")!.click();
          resolve(step);
        };
        const observer = new MutationObserver(look);
        observer.observe(progress, { childList: true, characterData: true, subtree: true });
      }),
  );
  await expect(page.getByTestId("progress")).toHaveText("Cancelled");
  // The next one is painted once the first has stopped; by then all of the first's steps are counted.
  await setSteps(page, 2);
  await generate(page);
  expect((await studio.steps()) - 2).toBeLessThanOrEqual(pressed + 1);
  await page.goto("about:blank");
  await studio.stop();
});
