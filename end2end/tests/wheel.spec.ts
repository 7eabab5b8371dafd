// The wheel: over the canvas, over the pictures, and over what is no concern of it.
import {
  click,
  colorAt,
  colors,
  drag,
  expectColor,
  generate,
  label,
  onScreen,
  setSteps,
  take,
} from "../support/drawing.js";
import { expect, test } from "../support/test.js";
import { arrive, laptop, scrolled } from "../support/window.js";

test.describe.configure({ mode: "default", timeout: 120_000 });

test("the wheel scrolls the page until the canvas is in use; with Ctrl it zooms in any case", async ({ page }) => {
  await arrive(page, laptop);
  await page.mouse.move(300, 600);
  await page.mouse.wheel(0, 200);
  await expect.poll(() => scrolled(page)).toBe(200);
  await take(page, "Rectangle");
  await drag(page, [0.45, 0.45], [0.55, 0.55]);
  await page.getByRole("combobox", { name: "Region 1: text" }).focus();
  const before = await scrolled(page);
  const middle = async () => {
    const { x, y } = await onScreen(page, [0.5, 0.5]);
    await page.mouse.move(x, y);
  };
  await middle();
  await page.mouse.wheel(0, -100);
  await expect.poll(() => scrolled(page)).toBe(before - 100);
  expect(await colorAt(page, [0.4, 0.4])).toBe(colors[0]);
  await middle();
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -100);
  await page.keyboard.up("Control");
  await expectColor(page, [0.4, 0.4], colors[1]);
  // Who takes a tool, or clicks, uses the canvas.
  for (const use of [() => take(page, "Hand"), () => click(page, [0.5, 0.5])]) {
    await page.getByRole("button", { name: "Fit", exact: true }).click();
    await expectColor(page, [0.4, 0.4], colors[0]);
    await page.getByRole("combobox", { name: "Region 1: text" }).focus();
    await use();
    await middle();
    const rested = await scrolled(page);
    for (let turn = 0; turn < 4; turn++) await page.mouse.wheel(0, -300);
    await expectColor(page, [0.4, 0.4], colors[1]);
    expect(await scrolled(page)).toBe(rested);
  }
});

test("the wheel over the pictures scrolls them where there are many, and else the page", async ({ page }) => {
  await arrive(page, laptop);
  const history = page.getByRole("heading", { name: "History" });
  await history.hover();
  await page.mouse.wheel(0, 150);
  await expect.poll(() => scrolled(page)).toBe(150);
  await label(page, 0, "a green meadow");
  await setSteps(page, 1);
  await generate(page);
  await page.setViewportSize({ width: 1280, height: 420 });
  await page.locator(".pictures").evaluate((it) => it.scrollIntoView());
  const before = await scrolled(page);
  await page.getByRole("heading", { name: "Result" }).hover();
  await page.mouse.wheel(0, 60);
  await expect.poll(() => page.locator(".pictures").evaluate((it) => it.scrollTop)).toBe(60);
  // Beyond their beginning the page stays, too.
  await page.mouse.wheel(0, -300);
  await expect.poll(() => page.locator(".pictures").evaluate((it) => it.scrollTop)).toBe(0);
  await page.mouse.wheel(0, -300);
  await page.mouse.wheel(0, 60);
  await expect.poll(() => page.locator(".pictures").evaluate((it) => it.scrollTop)).toBe(60);
  expect(await scrolled(page)).toBe(before);
});
