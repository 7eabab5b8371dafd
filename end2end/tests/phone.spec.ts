// The studio on a phone, where the canvas and each panel fill the window.
import { click, colors, expectColor, label, onScreen, openStudio } from "../support/drawing.js";
import { expect, test } from "../support/test.js";
import { box, button, phone, scrolled } from "../support/window.js";

test.use({ viewport: phone, hasTouch: true });

test("regions are chosen and added at the canvas, where their list is out of sight", async ({ page }) => {
  await openStudio(page);
  const picker = page.getByRole("group", { name: "Draw with" });
  await label(page, 1, "a red balloon");
  await button(page, "Text").click();
  const first = picker.getByRole("button", { name: "a red balloon" });
  await expect(first).toHaveAttribute("aria-pressed", "true");
  for (let region = 2; region <= 9; region++) await picker.getByRole("button", { name: "Another region" }).click();
  const ninth = picker.getByRole("button", { name: "Region 9" });
  await expect(ninth).toBeInViewport({ ratio: 0.99 });
  await expect(ninth).toHaveAttribute("aria-pressed", "true");
  await first.click();
  await button(page, "Fill").click();
  await click(page, [0.2, 0.2]);
  await expectColor(page, [0.2, 0.2], colors[1]);
});

test("the chosen region stays in sight at the canvas, whether chosen there or in the list, and the page stays", async ({ page }) => {
  await openStudio(page);
  const picker = page.getByRole("group", { name: "Draw with" });
  const inSight = async (region: string) => {
    const strip = await box(picker.locator(".choices"));
    const { x, width } = await box(picker.getByRole("button", { name: region }));
    expect(x, `${region} at the left`).toBeGreaterThanOrEqual(strip.x - 1);
    expect(x + width, `${region} at the right`).toBeLessThanOrEqual(strip.x + strip.width + 1);
  };
  for (let region = 2; region <= 9; region++) await button(page, "Add region").click();
  await inSight("Region 9");
  const choose = button(page, "Draw region 1");
  await choose.scrollIntoViewIfNeeded();
  const before = await scrolled(page);
  await choose.click();
  expect(await scrolled(page)).toBe(before);
  await inSight("Region 1");
  await picker.locator(".choices").evaluate((strip) => (strip.scrollLeft = strip.scrollWidth));
  await inSight("Region 1");
});

test("a missing phrase takes one line, however long it is", async ({ page }) => {
  await openStudio(page);
  await label(page, 1, "a very long phrase ".repeat(20));
  await button(page, "Text").click();
  await page.getByRole("textbox", { name: "Full text" }).fill("a meadow");
  const chip = page.getByRole("group", { name: "Missing phrases" }).getByRole("button");
  await expect(chip).toHaveText(/^a very long phrase/);
  const { width, height } = await box(chip);
  expect(width).toBeLessThan(phone.width);
  expect(height).toBeLessThan(50);
});

test("the sheet says what each button does, with its icon, and no keys", async ({ page }) => {
  await openStudio(page);
  await button(page, "Keys").click();
  const sheet = page.getByRole("dialog", { name: "Tools and keys" });
  const line = (text: string) => sheet.locator(".keys > div", { hasText: text });
  for (const text of ["Brush: paints the chosen region", "Hand: moves the view", "undo", "zoom in", "Two fingers"]) {
    await expect(line(text).first(), text).toBeVisible();
    await expect(line(text).first().locator(".icon"), text).toBeVisible();
  }
  // As many as the bar has buttons, and two for fingers.
  const buttons = await page.locator(".toolbar button").count();
  await expect(sheet.locator(".keys .icon:visible")).toHaveCount(buttons + 2);
  await expect(line("thinner brush")).toBeHidden();
  await expect(sheet.locator("kbd:visible")).toHaveText(["Finger", "Two fingers"]);
});

test("a phrase that the full text lacks is put into it where the text is", async ({ page }) => {
  await openStudio(page);
  await label(page, 0, "a meadow");
  await label(page, 1, "a dog");
  await button(page, "Text").click();
  const [field, missing] = [page.getByRole("textbox", { name: "Full text" }), page.getByRole("group", { name: "Missing phrases" })];
  await expect(field).toHaveValue(/a dog/);
  await expect(missing).toBeHidden();
  await field.fill("a wide meadow");
  await expect(missing.getByRole("button")).toHaveText(["a meadow", "a dog"]);
  await missing.getByRole("button", { name: "a dog" }).click();
  await expect(field).toHaveValue("a wide meadow , a dog");
  await expect(missing.getByRole("button")).toHaveText(["a meadow"]);
});

test("what fingers press is large enough, and the brush has a slider to be used", async ({ page }) => {
  await openStudio(page);
  const sizes = await page
    .locator(".toolbar button, .region-picker button, .file-bar .chip, .tabs button, .regions button, .example-words button, .generate")
    .evaluateAll((all) =>
      all.map((it) => {
        const { width, height } = it.getBoundingClientRect();
        return { name: it.ariaLabel ?? it.textContent, least: Math.min(width, height) };
      }),
    );
  expect(sizes.length).toBeGreaterThan(30);
  expect(sizes.filter(({ least }) => least < 40)).toEqual([]);
  expect((await box(page.getByRole("slider", { name: "Brush size" }))).width).toBeGreaterThan(200);
  const save = page.getByRole("group", { name: "Save" }).locator("> *");
  const middles = await save.evaluateAll((all) =>
    all.map((it) => it.getBoundingClientRect()).map(({ y, height }) => Math.round(y + height / 2)),
  );
  expect(middles.length).toBe(4);
  expect(new Set(middles).size, "rows of what is saved").toBe(1);
  await button(page, /^Paint it/).first().click();
  await expect(button(page, "Picture 1 in full size")).toBeVisible({ timeout: 60_000 });
  for (const it of [page.getByRole("link", { name: "Download picture 1" }), button(page, "Copy picture 1")]) {
    const { width, height } = await box(it);
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(40);
  }
});

test("the first tap after a quick stroke counts", async ({ page, context }) => {
  await openStudio(page);
  await button(page, "Rectangle").tap();
  const session = await context.newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...touchPoints: { x: number; y: number }[]) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints });
  const [from, to] = [await onScreen(page, [0.1, 0.2]), await onScreen(page, [0.45, 0.8])];
  await touch("touchStart", from);
  for (let step = 1; step <= 10; step++) {
    await touch("touchMove", { x: from.x + ((to.x - from.x) * step) / 10, y: from.y + ((to.y - from.y) * step) / 10 });
  }
  await touch("touchEnd");
  const { x, y, width, height } = await box(page.getByRole("button", { name: "Another region" }));
  await page.touchscreen.tap(x + width / 2, y + height / 2);
  await expect(page.locator("li.region")).toHaveCount(3);
  await expectColor(page, [0.2, 0.4], colors[1]);
});
