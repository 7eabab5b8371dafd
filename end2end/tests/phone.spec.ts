// The studio on a phone, where the canvas and each panel fill the window.
import { click, colors, expectColor, label, openStudio } from "../support/drawing.js";
import { expect, test } from "../support/test.js";
import { box, button, phone } from "../support/window.js";

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
});
