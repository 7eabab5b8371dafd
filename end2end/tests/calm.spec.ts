// Who writes or draws is not disturbed by what arrives meanwhile, and nothing that was set or shown goes without being asked.
import {
  colors,
  deleteShown,
  drag,
  expectColor,
  generate,
  label,
  onScreen,
  openStudio,
  paintMany,
  setSteps,
  take,
  unfoldSettings,
} from "../support/drawing.js";
import { expect, hold, hydrated, test } from "../support/test.js";
import { arrive, box, button, laptop, phone, scrolled } from "../support/window.js";

test.describe.configure({ mode: "default", timeout: 120_000 });

test("a history that comes late takes neither the panel nor the field in which one writes", async ({ page }) => {
  await page.setViewportSize({ width: 1200, height: 800 });
  await openStudio(page);
  await label(page, 1, "a dog");
  await generate(page);
  // Also what was asked for by key in the middle of a text.
  await button(page, /^Regions/).click();
  const field = page.getByRole("combobox", { name: "Region 1: text" });
  await field.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator(".history-entry")).toHaveCount(2, { timeout: 60_000 });
  await page.keyboard.type(" near a boat");
  await expect(field).toHaveValue("a dog near a boat");

  const arrived = await hold(page, "**/api/v1/jobs?*");
  await page.reload();
  await hydrated(page);
  await field.focus();
  await page.keyboard.press("End");
  await page.keyboard.type(" and");
  arrived();
  await expect(page.locator(".history-entry")).toHaveCount(2);
  await page.keyboard.type(" birds");
  await expect(field).toHaveValue("a dog near a boat and birds");
  await expect(page.locator("li.region")).toHaveCount(2);
});

test("a page that is opened again begins with the canvas, whatever was painted before", async ({ page }) => {
  await page.setViewportSize(phone);
  await openStudio(page);
  await label(page, 1, "a dog");
  await generate(page);
  await page.goto("/");
  await hydrated(page);
  await expect(page.locator(".history-entry")).toHaveCount(1);
  expect(await scrolled(page)).toBe(0);
  await expect(page.getByRole("combobox", { name: "Region 1: text" })).toBeVisible();
});

for (const size of [phone, laptop])
  test(`${size.width} pixels: a word without an end widens nothing`, async ({ page }) => {
    await arrive(page, size);
    const word = `https://example.org/${"x".repeat(300)}`;
    await label(page, 1, word);
    await generate(page);
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(await wide()).toBeLessThanOrEqual(0);
    const inside = await box(page.locator(".results .job-actions"));
    expect(inside.x + inside.width).toBeLessThanOrEqual(size.width);
    const { jobs } = await (await page.request.get("/api/v1/jobs")).json();
    await page.goto(`/shared/${jobs[0].share}`);
    await expect(page.getByText("xxxxxxxx").first()).toBeVisible();
    expect(await wide()).toBeLessThanOrEqual(0);
  });

test("an empty drawing keeps the settings", async ({ page }) => {
  await openStudio(page);
  await setSteps(page, 7);
  await unfoldSettings(page);
  await page.getByLabel("Negative text").fill("blurry");
  await take(page, "Rectangle");
  await drag(page, [0.1, 0.4], [0.4, 0.8]);
  await button(page, "New").click();
  await expect(page.getByRole("spinbutton", { name: "Steps, exact", exact: true })).toHaveValue("7");
  await expect(page.getByLabel("Negative text")).toHaveValue("blurry");
});

test("after a deletion other pictures are shown", async ({ page }) => {
  await openStudio(page);
  await paintMany(page, 2);
  await page.reload();
  await hydrated(page);
  await page.locator(".history-entry").first().click();
  await deleteShown(page);
  await expect(page.locator(".history-entry")).toHaveCount(1);
  await expect(page.locator(".history-entry").first()).toHaveAttribute("aria-pressed", "true");
  await expect(button(page, "Picture 1 in full size")).toBeVisible();
});

test("a first stroke stays, though the model becomes known in its middle", async ({ page }) => {
  const tell = await hold(page, "**/api/v1/model");
  await openStudio(page);
  const [from, to] = [await onScreen(page, [0.3, 0.3]), await onScreen(page, [0.6, 0.6])];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  const known = page.waitForResponse("**/api/v1/model");
  tell();
  await (await known).finished();
  await expect(page.getByTestId("tokens")).toHaveText(/tokens/);
  await page.mouse.up();
  await expect(button(page, "Undo")).toBeEnabled();
  await expectColor(page, [0.35, 0.35], colors[1]);
});

test("Generate stays where it is while something is painted, and once it is done", async ({ page }) => {
  await arrive(page, { width: 1366, height: 768 });
  await label(page, 0, "a green meadow");
  await setSteps(page, 4);
  // In every frame.
  const heights = await page.locator(".generate").evaluateHandle((generate) => {
    const heights = new Set<number>();
    const look = () => {
      heights.add(Math.round(generate.getBoundingClientRect().y));
      requestAnimationFrame(look);
    };
    look();
    return heights;
  });
  const arrived = await hold(page, "**/events");
  await button(page, "Generate").click();
  await expect(page.getByRole("progressbar")).toBeVisible();
  arrived();
  await expect(page.getByTestId("progress")).toHaveText("Done", { timeout: 60_000 });
  await expect(button(page, "Generate")).toBeVisible();
  expect(await heights.evaluate((heights) => [...heights])).toHaveLength(1);
});

test("Delete asks without moving what stands beside it", async ({ page }) => {
  await openStudio(page);
  await label(page, 0, "a green meadow");
  await setSteps(page, 1);
  await generate(page);
  const actions = page.locator(".job-actions button");
  const boxes = async () => Promise.all((await actions.all()).map(box));
  for (const size of [phone, { width: 1024, height: 768 }, laptop, { width: 1366, height: 768 }, { width: 2200, height: 1200 }]) {
    await page.setViewportSize(size);
    await button(page, "Delete").scrollIntoViewIfNeeded();
    const [scroll, before] = [await scrolled(page), await boxes()];
    expect(before).toHaveLength(4);
    await button(page, "Delete").focus();
    await page.keyboard.press("Enter");
    await expect(button(page, "Delete for good?")).toBeVisible();
    expect([await scrolled(page), await boxes()], `${size.width} pixels`).toEqual([scroll, before]);
    await button(page, "Delete for good?").blur();
    await expect(button(page, "Delete")).toBeVisible();
  }
});
