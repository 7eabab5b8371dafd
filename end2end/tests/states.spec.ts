// The studio's main states at four widths, light and dark: pictures to look at, kept in test-results/states.
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { drawTwo, generate, openStudio, permalink, setSteps, stage } from "../support/drawing.js";
import { expectAccessible } from "../support/accessible.js";
import { expect, forgive, hydrated, test } from "../support/test.js";

const benchmark = fileURLToPath(new URL("../../fixtures/benchmark/valset_layout/5.png", import.meta.url));
const folder = fileURLToPath(new URL("../test-results/states/", import.meta.url));

test.describe.configure({ mode: "default", timeout: 120_000 });

for (const [width, height] of [
  [360, 780],
  [1024, 768],
  [1280, 800],
  [2200, 1300],
])
  test(`${width} pixels: every state fits and is accessible, light and dark`, async ({ page, complaints }) => {
    await page.setViewportSize({ width, height });
    const keep = async (state: string, fullPage = false) => {
      await expect.poll(() => overflow(page), `${state}: pixels beyond the edge`).toBeLessThanOrEqual(0);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await expectAccessible(page);
        await page.screenshot({ path: `${folder}${width}-${colorScheme}-${state}.png`, fullPage });
      }
    };
    await openStudio(page);
    await page.evaluate(() => window.scrollTo(0, 0));
    await keep("1-first-visit", true);
    await stage(page).scrollIntoViewIfNeeded();
    await drawTwo(page);
    await keep("2-drawing");
    const heights = await page.locator(".toolbar button").evaluateAll((all) => all.map((it) => it.getBoundingClientRect().y));
    if (width >= 1280) expect(new Set(heights).size, "rows of tools").toBe(1);
    const tab = page.getByRole("button", { name: "Settings", exact: true });
    if (await tab.isVisible()) await tab.click();
    await setSteps(page, 6);
    await keep("3-settings", true);
    await generate(page);
    await page.locator(".results").scrollIntoViewIfNeeded();
    await keep("4-result", true);
    await page.getByRole("button", { name: "Picture 1 in full size" }).click();
    await keep("5-full-size");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
    await keep("6-keys");
    await page.keyboard.press("Escape");
    await page.getByLabel("File to open").setInputFiles(benchmark);
    await expect(page.getByTestId("found")).toBeVisible();
    await keep("7-import");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Compare" }).click();
    await expect(page.getByRole("img", { name: "Painted without the layout" })).toBeVisible({ timeout: 60_000 });
    await keep("8-compare");
    await page.keyboard.press("Escape");
    const link = await permalink(page);
    await page.goto(link);
    await hydrated(page);
    await keep("9-shared", true);
    await page.goto("/no/such/page");
    await hydrated(page);
    await keep("10-not-found", true);
    forgive(complaints, /\b404\b/);
  });

/** How far the page is wider than the screen. */
function overflow(page: Page) {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}
