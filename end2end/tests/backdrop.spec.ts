// The picture under the drawing.
import { colorAt, drawTwo, expectColor, generate, openStudio, stage, type Place } from "../support/drawing.js";
import { expect, test } from "../support/test.js";

test("what was painted is seen under the drawing, by button or key, while one draws", async ({ page }) => {
  await openStudio(page);
  const button = page.getByRole("button", { name: "Picture under the drawing" });
  await expect(button).toBeDisabled();
  await drawTwo(page);
  await generate(page);
  const place: Place = [0.5, 0.9];
  const drawn = await colorAt(page, place);
  await button.click();
  await expect(button).toHaveAttribute("aria-pressed", "true");
  await expect.poll(() => colorAt(page, place)).not.toBe(drawn);
  await stage(page).focus();
  await page.keyboard.press("u");
  await expectColor(page, place, drawn);
  await expect(button).toHaveAttribute("aria-pressed", "false");
});
