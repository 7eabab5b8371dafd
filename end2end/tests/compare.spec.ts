// Pictures beside the plain model's.
import { beginWithTwo, generate, setSteps } from "../support/drawing.js";
import { expect, hydrated, test } from "../support/test.js";

beginWithTwo();

test("each of several pictures stands beside the plain model's of the same noise, once all are there", async ({ page }) => {
  await setSteps(page, 6);
  const samples = page.getByRole("spinbutton", { name: "Samples, exact" });
  await samples.fill("2");
  await samples.blur();
  await generate(page, 2);
  await page.getByRole("button", { name: "Compare" }).click();
  const viewer = page.getByRole("dialog", { name: "Picture in full size" });
  await expect(viewer).toBeVisible({ timeout: 60_000 });
  for (const at of [0, 1]) {
    for (const name of ["Painted with the layout", "Painted without the layout"]) {
      const picture = viewer.getByRole("img", { name });
      await expect(picture).toHaveAttribute("src", new RegExp(`/pictures/${at}$`));
      await expect(picture).not.toHaveJSProperty("naturalWidth", 0);
    }
    await page.keyboard.press("ArrowRight");
  }
});

test("the plain model's picture stands beside, the layout lies over, and Escape leads back", async ({ page }) => {
  await generate(page);
  await page.getByRole("button", { name: "Compare" }).click();
  const viewer = page.getByRole("dialog", { name: "Picture in full size" });
  // It shows itself.
  await expect(viewer.getByRole("img", { name: "Painted without the layout" })).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press("Escape");
  await expect(viewer).toBeHidden();
  await page.getByRole("button", { name: "Show beside plain" }).click();
  await expect(viewer).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Picture 1 in full size" }).click();
  await viewer.getByRole("slider", { name: "Layout over the picture" }).fill("50");
  await expect(viewer.locator("canvas.layout-overlay")).toHaveCSS("opacity", "0.5");
});

test("the plain model's picture is still beside it after a reload, and not painted again", async ({ page }) => {
  await generate(page);
  await page.getByRole("button", { name: "Compare" }).click();
  const viewer = page.getByRole("dialog", { name: "Picture in full size" });
  await expect(viewer).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press("Escape");
  await expect(page.locator(".history-entry")).toHaveCount(2);
  await expect(page.locator(".history-entry").filter({ hasText: "plain" })).toHaveCount(1);
  await page.reload();
  await hydrated(page);
  // What is shown is the picture with the layout, though the plain one was painted last.
  await page.getByRole("button", { name: "Show beside plain" }).click();
  const [ours, plain] = ["Painted with the layout", "Painted without the layout"].map((name) => viewer.getByRole("img", { name }));
  await expect(plain).toBeVisible();
  expect(await plain.getAttribute("src")).not.toBe(await ours.getAttribute("src"));
  await page.keyboard.press("Escape");
  await expect(page.locator(".history-entry")).toHaveCount(2);
});

test("a plain picture opens nothing once another picture is shown", async ({ page }) => {
  const pictures = page.locator(".history-entry img");
  await generate(page);
  await setSteps(page, 40);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(pictures).toHaveCount(2, { timeout: 60_000 });
  await page.getByRole("button", { name: "Compare" }).click();
  await page.locator(".history-entry").last().click();
  await expect(pictures).toHaveCount(3, { timeout: 60_000 });
  await expect(page.getByTestId("progress")).toHaveText("Done");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});
