// What is seen of a result, what stays where it is meanwhile, and what is told apart without the studio's own colours.
import type { Page } from "@playwright/test";
import { drawTwo, generate, label, openStudio, setSteps, stage, unfoldSettings } from "../support/drawing.js";
import { expect, hold, test } from "../support/test.js";
import { arrive, box, button, scrolled } from "../support/window.js";

test.describe.configure({ mode: "default", timeout: 120_000 });

/** Leads to the settings, where they are out of sight. */
async function toSettings(page: Page) {
  const tab = button(page, "Settings");
  if (await tab.isVisible()) await tab.click();
}

for (const [width, height] of [[1366, 768], [2200, 1200]])
  test(`${width} x ${height}: where Generate and the result are in sight, nothing moves`, async ({ page }) => {
    await arrive(page, { width, height });
    await label(page, 0, "a green meadow");
    await setSteps(page, 2);
    // With it, a picture would reach below the window.
    await button(page, "Hide").click();
    await page.evaluate(() => window.scrollTo(0, 0));
    await expect.poll(() => scrolled(page)).toBe(0);
    const places = await page.evaluateHandle(() => {
      const places: number[] = [];
      window.addEventListener("scroll", () => places.push(window.scrollY));
      return places;
    });
    // As a hand does: Playwright's own click scrolls to what lies in the page's scroll padding first.
    const { x, y, width: wide, height: high } = await box(button(page, "Generate"));
    await page.mouse.click(x + wide / 2, y + high / 2);
    await expect(button(page, "Picture 1 in full size")).toBeInViewport({ ratio: 1, timeout: 60_000 });
    await expect(page.getByTestId("progress")).toHaveText("Done");
    expect(await places.jsonValue()).toEqual([]);
  });

for (const [width, height] of [[820, 1180], [844, 390], [640, 400], [1366, 650]])
  test(`${width} x ${height}: a picture is seen whole, and its frame is as large from the start`, async ({ page }) => {
    await arrive(page, { width, height });
    await label(page, 0, "a green meadow");
    await toSettings(page);
    await setSteps(page, 2);
    const [frame, picture] = [page.locator(".sample.waiting"), button(page, "Picture 1 in full size")];
    for (const ratio of ["16:9", "9:16"]) {
      const release = await hold(page, "**/events");
      await toSettings(page);
      await unfoldSettings(page);
      await button(page, ratio).click();
      await button(page, "Generate").click();
      await expect(frame).toBeInViewport({ ratio: 1 });
      const before = await box(frame);
      expect(before.height).toBeLessThan(height);
      release();
      await expect(picture).toBeInViewport({ ratio: 1, timeout: 60_000 });
      const after = await box(picture);
      expect(Math.abs(after.height - before.height), `${ratio}: another height`).toBeLessThan(1);
      await page.unroute("**/events");
    }
  });

test("every button with an icon shows it", async ({ page }) => {
  await openStudio(page);
  await drawTwo(page);
  await setSteps(page, 1);
  await generate(page);
  const empty = () =>
    page.locator("button:visible svg.icon, a:visible svg.icon").evaluateAll((all) =>
      (all as SVGSVGElement[])
        .filter((it) => getComputedStyle(it).display !== "none" && it.getBBox().height === 0)
        .map((it) => it.innerHTML),
    );
  await expect.poll(empty).toEqual([]);
  expect(await page.locator("svg.icon:visible").count()).toBeGreaterThan(20);
});

test("with the system's colours one sees what is pressed, what is chosen, and where the sheet is", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await arrive(page, { width: 1366, height: 768 });
  const background = (name: string) =>
    button(page, name).evaluate((it) => getComputedStyle(it).backgroundColor);
  const [brush, eraser] = [await background("Brush"), await background("Eraser")];
  expect(brush).not.toBe(eraser);
  expect(await background("Generate")).toBe(brush);
  await expect(page.locator(".region.selected")).toHaveCSS("outline-style", "solid");
  await expect(page.locator(".stage-frame")).toHaveCSS("border-top-style", "solid");
  const { sheet, around } = await stage(page).evaluate((canvas) => ({
    sheet: "rgb(255, 255, 255)",
    around: getComputedStyle(canvas).backgroundColor,
  }));
  expect(around).not.toBe(sheet);
});

test("a region's text has the whole of its field while nobody points at it", async ({ page }) => {
  await arrive(page, { width: 1280, height: 800 });
  await label(page, 0, "a green meadow in the middle of a late spring");
  await page.locator("body").click({ position: { x: 2, y: 2 } });
  const shot = [...(await page.getByRole("combobox", { name: "Background: text" }).screenshot())];
  // Where its last letter ends, as a share of the width.
  const end = await page.evaluate(async (bytes) => {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d")!;
    context.drawImage(bitmap, 0, 0);
    // But for its border.
    const [inner, rows] = [width - 4, Math.floor(height / 3)];
    const reds = context.getImageData(0, rows, inner, rows).data.filter((_, at) => at % 4 === 0);
    return Math.max(...[...reds.entries()].map(([at, red]) => (red < 128 ? at % inner : 0))) / width;
  }, shot);
  // After it come the dots that say that there is more; the list's arrow would take twice as much.
  expect(end).toBeGreaterThan(0.84);
});
