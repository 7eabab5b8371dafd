// Everything by keys, and for whoever does not see the canvas.
import type { Page } from "@playwright/test";
import { colorAt, colors, drawTwo, expectColor, label, openStudio, stage } from "../support/drawing.js";
import { expect, hold, hydrated, test } from "../support/test.js";
import { arrive, button, isReached } from "../support/window.js";

test.describe.configure({ mode: "default", timeout: 90_000 });

const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};

test("the canvas is found at once, and says what the keys do there", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the canvas" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("r");
  const said = page.getByTestId("said");
  await expect(said).toHaveText("Rectangle");
  await expect(stage(page)).toBeFocused();
  await press(page, "ArrowLeft", "ArrowUp");
  await expect(said).toHaveText("48 % across, 48 % down");
  await page.keyboard.press("Enter");
  await expect(said).toHaveText("Pressed at 48 % across, 48 % down");
  for (let n = 0; n < 10; n++) await press(page, "ArrowRight", "ArrowDown");
  await page.keyboard.press("Enter");
  await expect(said).toHaveText("Done at 67 % across, 67 % down");
  await expectColor(page, [0.6, 0.6], colors[1]);
  await page.keyboard.press("Control+z");
  await expect(said).toHaveText("Undone");
  // Of nothing to undo nothing is said.
  await press(page, "f", "Control+z");
  await expect(said).toHaveText("Fill");
  await expectColor(page, [0.6, 0.6], colors[0]);
  await page.keyboard.press("a");
  await expect(said).toHaveText("region 2");
  await label(page, 1, "a dog");
  await stage(page).focus();
  await page.keyboard.press("1");
  await expect(said).toHaveText("a dog");
});

test("letters mean something at the canvas and its tools alone", async ({ page }) => {
  await openStudio(page);
  await button(page, "Generate").focus();
  await press(page, "a", "r", "2");
  await expect(page.locator("li.region")).toHaveCount(2);
  await expect(button(page, "Brush")).toHaveAttribute("aria-pressed", "true");
  await button(page, "Ellipse").focus();
  await press(page, "a", "r");
  await expect(page.locator("li.region")).toHaveCount(3);
  await expect(button(page, "Rectangle")).toHaveAttribute("aria-pressed", "true");
  // What is undone may be undone from anywhere.
  await button(page, "Generate").focus();
  await page.keyboard.press("Control+z");
  await expect(page.locator("li.region")).toHaveCount(2);
});

test("the focus stays where one was, whatever becomes of what was pressed", async ({ page }) => {
  await openStudio(page);
  await drawTwo(page);
  const row = (region: number) => page.locator(`li.region[data-region='${region}']`);
  await row(1).getByRole("button", { name: "More about region 1" }).click();
  const later = row(1).getByRole("button", { name: "Later" });
  await later.focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("li.region").last()).toHaveAttribute("data-region", "1");
  // It can go no further, so that it is off.
  await expect(later).toBeDisabled();
  await expect.poll(() => page.evaluate(() => !!document.activeElement!.closest("[data-region='1']"))).toBe(true);
  await expect(later).not.toBeFocused();
  await row(1).getByRole("button", { name: "Delete" }).focus();
  await page.keyboard.press("Enter");
  await expect(row(1)).toHaveCount(0);
  await expect.poll(() => page.evaluate(() => !!document.activeElement!.closest(".region-list"))).toBe(true);
  // Until there is nothing left to undo.
  const undo = button(page, "Undo");
  while (await undo.isEnabled()) {
    await undo.focus();
    await page.keyboard.press("Enter");
  }
  await expect.poll(() => page.evaluate(() => !!document.activeElement!.closest(".toolbar"))).toBe(true);
});

test("what is wrong with a region's text is told of its field", async ({ page }) => {
  await openStudio(page);
  await drawTwo(page);
  const field = page.getByRole("combobox", { name: "Region 1: text" });
  await expect(field).toHaveAttribute("aria-invalid", "false");
  await page.getByRole("textbox", { name: "Full text" }).fill("a green meadow , a red car");
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await expect(field).toHaveAccessibleDescription(/not in the full text/i);
});

test("a region that has the focus is seen beside the chosen one", async ({ page }) => {
  await arrive(page, { width: 683, height: 384 });
  for (let n = 0; n < 12; n++) await button(page, "Another region").click();
  const choices = page.locator(".choices .choice");
  await expect(choices).toHaveCount(14);
  await choices.first().focus();
  for (let n = 0; n < 13; n++) {
    await page.keyboard.press("Tab");
    expect(await isReached(page.locator(".choice:focus")), `choice ${n}`).toBe(true);
  }
});

test("what cannot be used yet takes no words that would be lost", async ({ page }) => {
  const release = await hold(page, "**/*.wasm");
  await page.goto("/", { waitUntil: "commit" });
  const field = page.locator(".region-text").first();
  await field.waitFor();
  await field.evaluate((it: HTMLElement) => it.focus());
  await expect(field).not.toBeFocused();
  release();
  await hydrated(page);
  await field.fill("the beach");
  await expect(page.getByRole("textbox", { name: "Full text" })).toHaveValue("the beach");
  expect(await colorAt(page, [0.5, 0.5])).toBe(colors[0]);
});
