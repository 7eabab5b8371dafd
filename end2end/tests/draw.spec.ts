import type { Locator } from "@playwright/test";
import { click, colorAt, colors, drag, expectColor, label, onScreen, openStudio, stage, take } from "../support/drawing.js";
import { expect, test } from "../support/test.js";

test.beforeEach(async ({ page }) => openStudio(page));

test("the brush paints, the eraser takes away, undo and redo go back and forth", async ({ page }) => {
  await drag(page, [0.3, 0.5], [0.7, 0.5]);
  await expectColor(page, [0.47, 0.52], colors[1]);
  await take(page, "Eraser");
  await drag(page, [0.5, 0.4], [0.5, 0.6]);
  await expectColor(page, [0.5, 0.5], colors[0]);
  await expectColor(page, [0.3, 0.5], colors[1]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expectColor(page, [0.5, 0.5], colors[1]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expectColor(page, [0.3, 0.5], colors[0]);
  await expect(page.getByRole("button", { name: "Undo" })).toBeDisabled();
  await page.keyboard.press("Control+Shift+Z");
  await page.keyboard.press("Control+Shift+Z");
  await expectColor(page, [0.5, 0.5], colors[0]);
  await expectColor(page, [0.3, 0.5], colors[1]);
});

test("rectangle and ellipse fill what is dragged over", async ({ page }) => {
  await take(page, "Rectangle");
  await drag(page, [0.1, 0.1], [0.4, 0.4]);
  await expectColor(page, [0.12, 0.12], colors[1]);
  await page.getByRole("button", { name: "Add region" }).click();
  await take(page, "Ellipse");
  await drag(page, [0.5, 0.5], [0.9, 0.9]);
  await expectColor(page, [0.6, 0.65], colors[2]);
  await expectColor(page, [0.52, 0.52], colors[0]);
});

test("the lasso fills what it goes around, freehand or by corners", async ({ page }) => {
  await take(page, "Lasso");
  await drag(page, [0.1, 0.1], [0.5, 0.1], [0.5, 0.5], [0.1, 0.5]);
  await expectColor(page, [0.2, 0.2], colors[1]);
  await page.getByRole("button", { name: "Add region" }).click();
  for (const corner of [[0.6, 0.6], [0.9, 0.6], [0.75, 0.9]] as const) await click(page, [...corner]);
  await page.keyboard.press("Enter");
  await expectColor(page, [0.65, 0.62], colors[2]);
});

test("fill, move and eyedropper work on what is there", async ({ page }) => {
  await take(page, "Rectangle");
  await drag(page, [0.1, 0.1], [0.3, 0.3]);
  await page.getByRole("button", { name: "Add region" }).click();
  await take(page, "Fill");
  await click(page, [0.2, 0.2]);
  await expectColor(page, [0.13, 0.13], colors[2]);
  await take(page, "Move");
  await drag(page, [0.2, 0.2], [0.6, 0.6]);
  await expectColor(page, [0.53, 0.53], colors[2]);
  await expectColor(page, [0.2, 0.2], colors[0]);
  await page.getByRole("button", { name: "Draw region 1" }).click();
  await take(page, "Eyedropper");
  await click(page, [0.6, 0.6]);
  await expect(page.getByRole("button", { name: "Draw region 2" })).toHaveAttribute("aria-pressed", "true");
});

test("the wheel zooms at the pointer, space and drag move, 0 shows all again", async ({ page }) => {
  await take(page, "Rectangle");
  await drag(page, [0.45, 0.45], [0.55, 0.55]);
  const expectEdges = async (left: number, right: number) => {
    for (const [edge, into] of [[left, 0.03], [right, -0.03]]) {
      await expectColor(page, [edge + into, 0.46], colors[1]);
      await expectColor(page, [edge - into, 0.46], colors[0]);
    }
  };
  await expectEdges(0.45, 0.55);
  const { x, y } = await onScreen(page, [0.5, 0.5]);
  await page.mouse.move(x, y);
  // Together a magnification of four.
  for (let turn = 0; turn < 3; turn++) await page.mouse.wheel(0, -308);
  await expectEdges(0.3, 0.7);
  await page.keyboard.down("Space");
  await drag(page, [0.2, 0.5], [0.45, 0.5]);
  await page.keyboard.up("Space");
  await expectEdges(0.55, 0.95);
  // The hand does the same without a key.
  await take(page, "Hand");
  await drag(page, [0.9, 0.5], [0.5, 0.5]);
  await expectEdges(0.15, 0.55);
  await page.keyboard.press("0");
  await expectEdges(0.45, 0.55);
});

test("a region is recoloured, shown alone, and put elsewhere in the list", async ({ page }) => {
  await take(page, "Rectangle");
  await drag(page, [0.1, 0.1], [0.4, 0.4]);
  await page.getByRole("button", { name: "Add region" }).click();
  await drag(page, [0.6, 0.6], [0.9, 0.9]);
  await label(page, 1, "a dog");
  await label(page, 2, "a cat");
  await page.getByRole("button", { name: "More about region 2" }).click();
  await page.getByLabel("Colour", { exact: true }).fill("#336699");
  await expectColor(page, [0.65, 0.65], "#336699");
  await page.getByRole("button", { name: "Highlight" }).click();
  await expect.poll(() => colorAt(page, [0.15, 0.15])).not.toBe(colors[1]);
  await page.getByRole("button", { name: "Highlight" }).click();
  await expectColor(page, [0.15, 0.15], colors[1]);
  await page.getByRole("button", { name: "Earlier" }).click();
  await expect(page.getByRole("textbox", { name: "Full text" })).toHaveValue("a cat , a dog");
});

test("a locked region keeps its pixels", async ({ page }) => {
  await drag(page, [0.3, 0.5], [0.7, 0.5]);
  await page.getByRole("button", { name: "Lock region 1" }).click();
  await page.getByRole("button", { name: "Add region" }).click();
  await drag(page, [0.5, 0.3], [0.5, 0.7]);
  await expectColor(page, [0.5, 0.5], colors[1]);
  await expectColor(page, [0.5, 0.32], colors[2]);
});

test("regions are merged, inverted, cleared and deleted", async ({ page }) => {
  await take(page, "Rectangle");
  await drag(page, [0.1, 0.1], [0.4, 0.4]);
  await page.getByRole("button", { name: "Add region" }).click();
  await drag(page, [0.6, 0.6], [0.9, 0.9]);
  await page.getByRole("button", { name: "More about region 2" }).click();
  await page.getByRole("button", { name: "Invert" }).click();
  await expectColor(page, [0.7, 0.7], colors[0]);
  await expectColor(page, [0.5, 0.1], colors[2]);
  await page.getByRole("button", { name: "Clear" }).click();
  await expectColor(page, [0.5, 0.1], colors[0]);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("combobox", { name: "Merge into" }).selectOption({ label: "region 1" });
  await expectColor(page, [0.5, 0.1], colors[2]);
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await expectColor(page, [0.5, 0.1], colors[1]);
  await expect(page.getByRole("combobox", { name: "Region 2: text" })).toHaveCount(0);
});

test("a drawing is made, described and painted by keyboard alone", async ({ page }) => {
  test.setTimeout(120_000);
  const tabTo = async (place: Locator) => {
    while (!(await place.evaluate((it) => it === document.activeElement))) await page.keyboard.press("Tab");
  };
  await tabTo(stage(page));
  await page.keyboard.press("b");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  for (let step = 0; step < 10; step++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expectColor(page, [0.6, 0.5], colors[1]);
  await expectColor(page, [0.6, 0.6], colors[0]);
  await page.keyboard.press("e");
  await expect(page.getByRole("button", { name: "Eraser" })).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeHidden();
  await tabTo(page.getByRole("combobox", { name: "Region 1: text" }));
  await page.keyboard.type("a dog");
  const setSteps = async (steps: number) => {
    await tabTo(page.getByRole("spinbutton", { name: "Steps, exact", exact: true }));
    await page.keyboard.press("Control+a");
    await page.keyboard.type(`${steps}`);
  };
  await tabTo(page.locator("summary", { hasText: "Size, steps, sampler" }));
  await page.keyboard.press("Enter");
  // Time enough to think better of it.
  await setSteps(150);
  await expect(page.getByRole("textbox", { name: "Full text" })).toHaveValue("a dog");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByTestId("progress")).not.toBeEmpty();
  // A drawing that has changed meanwhile is painted in place of the old one.
  await setSteps(149);
  await page.keyboard.press("Control+Enter");
  await expect(page.getByTestId("progress")).toContainText("of 149");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByTestId("progress")).toHaveText("Cancelled");
  // The button keeps the focus while what it does changes.
  await tabTo(page.getByRole("button", { name: "Generate", exact: true }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Cancel", exact: true })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Generate", exact: true })).toBeFocused();
  await setSteps(2);
  await tabTo(page.getByRole("button", { name: "Generate", exact: true }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Picture 1 in full size" })).toBeVisible({ timeout: 90_000 });
});
