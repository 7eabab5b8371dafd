// One region of a picture is painted anew.
import { beginWithTwo, generate, label, setSize, setSteps, shownPixels } from "../support/drawing.js";
import { expect, hold, hydrated, test } from "../support/test.js";

beginWithTwo();

test("the selected region of a picture is painted anew, and the rest stays", async ({ page }) => {
  await generate(page);
  const before = await shownPixels(page);
  await label(page, 2, "a blue car");
  const release = await hold(page, "**/events");
  await page.getByRole("button", { name: "Repaint a blue car" }).click();
  await expect(page.getByTestId("progress")).toHaveText(/^Repainting a blue car: /);
  release();
  await expect(page.locator(".results")).toContainText("a blue car", { timeout: 60_000 });
  await expect(page.getByTestId("progress")).toHaveText("Done", { timeout: 60_000 });
  const after = await shownPixels(page);
  const side = Math.sqrt(before.length / 4);
  // The region, and what lies beyond its margin.
  const isIn = (x: number, y: number) => x > 0.6 && x < 0.9 && y > 0.3 && y < 0.8;
  const isFar = (x: number, y: number) => x < 0.5 || y < 0.2 || y > 0.9;
  const changed = (where: (x: number, y: number) => boolean) => {
    let [count, all] = [0, 0];
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        if (!where(x / side, y / side)) continue;
        const at = 4 * (y * side + x);
        all += 1;
        count += [0, 1, 2].some((channel) => before[at + channel] !== after[at + channel]) ? 1 : 0;
      }
    return count / all;
  };
  expect(changed(isFar)).toBe(0);
  expect(changed(isIn)).toBeGreaterThan(0.5);
  await expect(page.locator(".history-entry")).toHaveCount(2);

  // It stands beside what it was, without being painted again.
  await page.getByRole("button", { name: "Compare" }).click();
  const viewer = page.getByRole("dialog", { name: "Picture in full size" });
  const [now, then] = ["Painted anew", "The picture before"].map((name) => viewer.getByRole("img", { name }));
  for (const picture of [now, then]) await expect(picture).not.toHaveJSProperty("naturalWidth", 0);
  expect(await then.getAttribute("src")).not.toBe(await now.getAttribute("src"));
  await page.keyboard.press("Escape");
  await expect(page.locator(".history-entry")).toHaveCount(2);

  // Its seed paints another picture without the one that it was painted on.
  await expect(page.getByRole("button", { name: "Keep it" })).toHaveCount(0);

  // Why it cannot be done is told before anything is sent.
  await page.getByRole("button", { name: "Add region" }).click();
  await page.getByRole("button", { name: "Repaint region 3" }).click();
  await expect(page.getByTestId("notice")).toContainText("Draw region 3 first");
  await setSize(page, 128);
  await page.getByRole("button", { name: /^Repaint/ }).click();
  await expect(page.getByTestId("notice")).toContainText("give the drawing that size");
  await expect(page.locator(".history-entry")).toHaveCount(2);
});

test("a repaint that is cancelled gives the picture back, without the mouse too", async ({ page }) => {
  await generate(page);
  const picture = page.getByRole("button", { name: "Picture 1 in full size" }).getByRole("img");
  const address = await picture.getAttribute("src");
  await setSteps(page, 100);
  await page.getByRole("button", { name: "Repaint a red car" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("progress")).toHaveText(/^Repainting a red car: Step \d+ of 100/, { timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Cancel" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("progress")).toHaveText("Cancelled");
  await expect(picture).toHaveAttribute("src", address!);

  // A page that was left meanwhile knows the latest picture; a region may have no text.
  await label(page, 2, "");
  await page.getByRole("button", { name: "Repaint region 2" }).click();
  await expect(page.getByTestId("progress")).toHaveText(/^Repainting: Step \d+ of 100/, { timeout: 30_000 });
  await page.reload();
  await hydrated(page);
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(page.getByTestId("progress")).toHaveText("Cancelled");
  await expect(picture).toHaveAttribute("src", address!);
});
