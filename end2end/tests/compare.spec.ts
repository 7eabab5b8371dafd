// Pictures beside the plain model's.
import { beginWithTwo, generate, jobRequest, setSteps } from "../support/drawing.js";
import { expect, hydrated, test } from "../support/test.js";
import { box, laptop, phone } from "../support/window.js";

beginWithTwo();

test("each of several pictures stands beside the plain model's of the same noise, once all are there", async ({ page }) => {
  await setSteps(page, 6);
  const samples = page.getByRole("spinbutton", { name: "Samples, exact" });
  await samples.fill("2");
  await samples.blur();
  const { seed } = await generate(page, 2);
  const sent = jobRequest(page);
  await page.getByRole("button", { name: "Compare" }).click();
  expect((await sent).postDataJSON()).toMatchObject({ seed, samples: 2, w_cross: 0, w_self: 0 });
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

for (const size of [laptop, phone])
  test(`${size.width} pixels: the line between the pictures follows the hand, and arrows while it has the focus`, async ({ page }) => {
    await generate(page);
    await page.getByRole("button", { name: "Compare" }).click();
    await expect(page.getByRole("img", { name: "Painted without the layout" })).toBeVisible({ timeout: 60_000 });
    await page.setViewportSize(size);
    const { x, y, width, height } = await box(page.locator(".compare"));
    const expectLine = (share: number) =>
      expect.poll(async () => {
        const line = await box(page.locator(".compare-line"));
        return Math.abs(line.x + line.width / 2 - x - share * width);
      }, `the line at ${share}`).toBeLessThan(2);
    await expectLine(0.5);
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 4, y + height / 4, { steps: 5 });
    await expectLine(0.25);
    await page.mouse.up();
    await page.mouse.click(x + 0.9 * width, y + 0.75 * height);
    await expectLine(0.9);
    await page.getByRole("slider", { name: "Compare" }).focus();
    for (let n = 0; n < 10; n++) await page.keyboard.press("ArrowLeft");
    await expectLine(0.8);
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
