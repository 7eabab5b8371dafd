// Generations that are there no longer when the page asks for them.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deleteShown, drawTwo, openStudio, paintMany, setSteps } from "../support/drawing.js";
import { startStudio } from "../support/studio.js";
import { expect, forgive, hydrated, test } from "../support/test.js";

test.describe.configure({ mode: "default", timeout: 120_000 });

test("the history goes on, though another tab has deleted its last entry", async ({ page, context, complaints }) => {
  await openStudio(page);
  await paintMany(page, 14);
  await page.reload();
  await hydrated(page);
  const entries = page.locator(".history-entry");
  await expect(entries).toHaveCount(12);
  const other = await context.newPage();
  await openStudio(other);
  await other.locator(".history-entry").last().click();
  await expect(other.locator(".results .caption").first()).toHaveText("picture 3");
  await deleteShown(other);
  await expect(other.locator(".history-entry img[alt='picture 3']")).toHaveCount(0);
  await page.getByRole("button", { name: "Show older ones" }).click();
  const left = Array.from({ length: 14 }, (_, n) => `picture ${14 - n}`).filter((name) => name !== "picture 3");
  await expect
    .poll(() => entries.getByRole("img").evaluateAll((all) => all.map((it) => it.getAttribute("alt"))))
    .toEqual(left);
  await expect(page.getByRole("button", { name: "Show older ones" })).toBeHidden();
  // What the other tab has deleted is deleted here as well, without a word.
  await other.locator(".history-entry").first().click();
  await deleteShown(other);
  await expect(other.locator(".history-entry img[alt='picture 14']")).toHaveCount(0);
  await entries.first().click();
  await deleteShown(page);
  await expect(entries.first().getByRole("img")).toHaveAttribute("alt", "picture 13");
  await expect(page.getByTestId("failure")).toHaveCount(0);
  forgive(complaints, /\b404\b/);
});

test("the page says so when the server has lost what it was painting", async ({ page, complaints }) => {
  const [data, fresh] = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), "studio-"))));
  const first = await startStudio({ data });
  await openStudio(page, first.url);
  await drawTwo(page);
  await setSteps(page, 100);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.getByTestId("progress")).toHaveText(/^Step \d+ of 100/, { timeout: 30_000 });
  await first.stop();
  const second = await startStudio({ data: fresh, address: new URL(first.url).host });
  await expect(page.getByTestId("failure")).toHaveText(/does not have this generation any more/, { timeout: 60_000 });
  await expect(page.getByRole("button", { name: "Generate", exact: true })).toBeVisible();
  await expect(page.locator(".history-entry")).toHaveCount(0);
  await page.goto("about:blank");
  await second.stop();
  await Promise.all([data, fresh].map((folder) => rm(folder, { recursive: true })));
  forgive(complaints, /ERR_(CONNECTION|EMPTY|INCOMPLETE)|\b404\b|\b50[0-9]\b/);
});
