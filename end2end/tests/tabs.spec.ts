// Several tabs of one browser, and tabs that are closed: nothing is lost.
import type { Page } from "@playwright/test";
import { click, colors, drag, expectColor, expectKept, keptDrawings, label, openStudio, setSteps, take } from "../support/drawing.js";
import { expect, hydrated, test } from "../support/test.js";

async function draw(page: Page, text: string) {
  await take(page, "Rectangle");
  await drag(page, [0.1, 0.4], [0.4, 0.8]);
  await label(page, 1, text);
}

/** Closes a tab as its user does, who does not wait for anything. */
async function close(page: Page) {
  const closed = page.waitForEvent("close");
  await page.close({ runBeforeUnload: true });
  await closed;
}

const text = (page: Page) => page.getByRole("combobox", { name: "Region 1: text" });

test("a drawing survives a closed tab", async ({ page, context }) => {
  await openStudio(page);
  await draw(page, "a dog");
  await close(page);
  const next = await context.newPage();
  await openStudio(next);
  await expect(text(next)).toHaveValue("a dog");
  await expectColor(next, [0.15, 0.5], colors[1]);
});

test("each of three tabs keeps its own drawing, and of those that were closed none is lost", async ({ page, context }) => {
  await openStudio(page);
  await draw(page, "a castle");
  await expectKept(page, "a castle");
  // A new tab begins with a copy, which becomes a drawing of its own.
  const second = await context.newPage();
  await openStudio(second);
  await expect(text(second)).toHaveValue("a castle");
  await expect(second.getByRole("button", { name: "Other drawing" })).toHaveCount(0);
  await second.getByRole("button", { name: "New", exact: true }).click();
  await draw(second, "a boat");
  await expectKept(second, "a boat");
  for (const [tab, own] of [[page, "a castle"], [second, "a boat"]] as const) {
    await tab.reload();
    await hydrated(tab);
    await expect(text(tab)).toHaveValue(own);
  }
  const third = await context.newPage();
  await openStudio(third);
  await third.getByRole("button", { name: "New", exact: true }).click();
  await draw(third, "a cloud");
  await expectKept(third, "a cloud");
  // All are closed, and a reload just before is no obstacle.
  for (const tab of [third, second]) {
    await tab.reload();
    await hydrated(tab);
  }
  await expectKept(page, "a boat");
  await close(third);
  await expectKept(page, "a cloud");
  await close(second);
  await expectKept(page, "a boat");
  await close(page);
  const last = await context.newPage();
  await openStudio(last);
  await expect(text(last)).toHaveValue("a castle");
  const other = last.getByRole("button", { name: "Other drawing" });
  // Each comes by, and then the first again.
  for (const next of ["a boat", "a cloud", "a castle"]) {
    await other.click();
    await expect(text(last)).toHaveValue(next);
  }
  await last.getByRole("button", { name: "Undo" }).click();
  await expect(text(last)).toHaveValue("a cloud");
});

test("a drawing whose place an example or an empty one takes can be had again, after a reload too", async ({ page }) => {
  await openStudio(page);
  await draw(page, "a castle");
  await page.getByRole("button", { name: "Open the example Snow day" }).click();
  await expect(text(page)).toHaveValue("a snowman");
  await page.getByRole("button", { name: "Open the example By the sea" }).click();
  await expect(text(page)).toHaveValue("a red sailboat");
  await expect.poll(() => page.evaluate(() => sessionStorage.getItem("document") ?? "")).toContain("sailboat");
  await page.reload();
  await hydrated(page);
  await page.getByRole("button", { name: "Other drawing" }).click();
  await expect(text(page)).toHaveValue("a castle");
  await expectColor(page, [0.15, 0.5], colors[1]);
});

test("a drawing that was had again is not lost to an example", async ({ page }) => {
  await openStudio(page);
  await draw(page, "a castle");
  await page.getByRole("button", { name: "New", exact: true }).click();
  await draw(page, "a boat");
  const other = page.getByRole("button", { name: "Other drawing" });
  await other.click();
  await expect(text(page)).toHaveValue("a castle");
  await page.getByRole("button", { name: "Open the example Snow day" }).click();
  await expect(text(page)).toHaveValue("a snowman");
  for (const next of ["a castle", "a boat", "a snowman"]) {
    await other.click();
    await expect(text(page)).toHaveValue(next);
  }
});

test("what is begun goes with its drawing, and a copy that nobody has changed makes no second one", async ({ page, context }) => {
  await openStudio(page);
  await take(page, "Lasso");
  for (const corner of [[0.2, 0.2], [0.6, 0.2], [0.6, 0.6]] as const) await click(page, [...corner]);
  await label(page, 1, "a kite");
  await page.getByRole("button", { name: "New", exact: true }).click();
  await page.getByRole("button", { name: "Other drawing" }).click();
  await expect(text(page)).toHaveValue("a kite");
  await expectColor(page, [0.5, 0.3], colors[1]);
  await expectKept(page, "a kite");
  const second = await context.newPage();
  await openStudio(second);
  await expect(text(second)).toHaveValue("a kite");
  await second.getByRole("button", { name: "New", exact: true }).click();
  await draw(second, "a boat");
  await expectKept(second, "a boat");
  await label(page, 1, "a red kite");
  await expectKept(page, "a red kite");
  const texts = (await keptDrawings(page)).map((drawing) => /a (red )?kite|a boat/.exec(drawing)?.[0]);
  expect(texts.filter(Boolean).sort()).toEqual(["a boat", "a red kite"]);
});

test("as many drawings are kept as there is room for, the last ones", async ({ page }) => {
  await openStudio(page);
  for (let n = 1; n <= 12; n++) {
    await page.getByRole("button", { name: "New", exact: true }).click();
    await draw(page, `drawing ${n}`);
  }
  await expectKept(page, "drawing 12");
  const kept = await keptDrawings(page);
  expect(kept.map((text) => /drawing (\d+)/.exec(text)?.[1])).toEqual(["4", "5", "6", "7", "8", "9", "10", "11", "12"]);
  // Something else fills the browser: older drawings make room, the last one before this one stays.
  await page.evaluate(() => {
    for (let size = 1 << 22; size > 0; size >>= 1) {
      try {
        for (let n = 0; ; n++) localStorage.setItem(`full-${size}-${n}`, "x".repeat(size));
      } catch {
        // There is no room for so much.
      }
    }
  });
  await label(page, 1, "drawing 12, with a much longer text than before");
  await expectKept(page, "a much longer text than before");
  const left = await keptDrawings(page);
  expect(left.length).toBeLessThan(kept.length);
  expect(left.at(-2)).toContain("drawing 11");
});

test("a kept drawing that cannot be read is not lost to the next one", async ({ page }) => {
  await openStudio(page);
  const unreadable = '{"version": 99}';
  await page.evaluate((unreadable) => localStorage.setItem("document", unreadable), unreadable);
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await hydrated(page);
  await draw(page, "a boat");
  await expectKept(page, "a boat");
  expect(await keptDrawings(page)).toContain(unreadable);
  // It cannot be opened, and does not go away by trying.
  await page.getByRole("button", { name: "Other drawing" }).click();
  await expect(text(page)).toHaveValue("a boat");
  expect(await keptDrawings(page)).toContain(unreadable);
});

test("a generation that fails is told in the tab that began it", async ({ page, context }) => {
  await openStudio(page);
  await draw(page, "a dog");
  await setSteps(page, 100);
  const sent = page.waitForResponse("**/api/v1/jobs");
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  const job = await (await sent).json();
  await expect(page.getByTestId("progress")).toHaveText(/^Step \d+ of 100/, { timeout: 30_000 });
  // As if the painter's disk were full.
  const failed = JSON.stringify({ event: "job", ...job, state: { name: "failed", reason: "There is no room" } });
  await context.route("**/events", (route) =>
    route.fulfill({ contentType: "text/event-stream", body: `event: job\ndata: ${failed}\n\n` }),
  );
  const other = await context.newPage();
  await openStudio(other);
  await expect(other.locator(".results .wrong")).toContainText("There is no room");
  await expect(other.getByTestId("failure")).toHaveCount(0);
  await page.reload();
  await hydrated(page);
  await expect(page.getByTestId("failure")).toContainText("There is no room");
  await page.request.post(`/api/v1/jobs/${job.id}/cancel`);
});
