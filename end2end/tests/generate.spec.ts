import type { Page } from "@playwright/test";
import {
  colors,
  deleteShown,
  downloadPicture,
  drawTwo,
  drop,
  expectColor,
  freshPage,
  generate,
  label,
  openStudio,
  permalink,
  setSide,
  setSteps,
} from "../support/drawing.js";
import { judge } from "../support/studio.js";
import { expect, forgive, hydrated, test } from "../support/test.js";

// One after the other: the server paints one at a time.
test.describe.configure({ mode: "default", timeout: 120_000 });

test.beforeEach(async ({ page }) => {
  await openStudio(page);
  await drawTwo(page);
  await setSteps(page, 2);
});

test("a drawing is painted; its picture, dropped on a fresh page, brings the document back", async ({ page, browser }) => {
  await generate(page);
  const { bytes } = await downloadPicture(page);
  const fresh = await freshPage(browser);
  await drop(fresh, bytes, "picture.png", "image/png");
  await expect(fresh.getByRole("combobox", { name: "Region 2: text" })).toHaveValue("a red car");
  await expectColor(fresh, [0.65, 0.4], colors[2]);
  await expect(fresh.getByRole("textbox", { name: "Seed" })).toHaveValue(/^\d+$/);
  await generate(fresh);
  expect((await downloadPicture(fresh)).bytes.equals(bytes), "the same picture").toBe(true);
  await fresh.context().close();
});

test("the selected region of a picture is painted anew, and the rest stays", async ({ page }) => {
  await generate(page);
  const before = await shownPixels(page);
  await label(page, 2, "a blue car");
  await page.getByRole("button", { name: "Repaint a blue car" }).click();
  await expect(page.getByTestId("progress")).toHaveText(/^Repainting a blue car: /);
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
  await setSide(page, 128);
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

/** The shown picture's values, red, green, blue and opacity of each pixel. */
async function shownPixels(page: Page): Promise<number[]> {
  return page.locator(".sample .picture img").evaluate(async (picture) => {
    const image = picture as HTMLImageElement;
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext("2d")!;
    context.drawImage(image, 0, 0);
    return [...context.getImageData(0, 0, canvas.width, canvas.height).data];
  });
}

test("previews come while it is painted, and cancel ends it", async ({ page }) => {
  await setSteps(page, 100);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.getByRole("img", { name: "Preview of picture 1" })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByTestId("progress")).toHaveText(/^Step \d+ of 100/);
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByTestId("progress")).toHaveText("Cancelled");
  await expect(page.getByRole("button", { name: "Generate", exact: true })).toBeVisible();
  // What one has asked for is no error.
  await expect(page.locator(".results .note")).toHaveText("Cancelled");
  await expect(page.locator(".wrong:visible")).toHaveCount(0);
});

test("a generation goes on while the page is reloaded", async ({ page }) => {
  await setSteps(page, 60);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  const [progress, working] = [page.getByTestId("progress"), /^Step \d+ of 60/];
  await expect(progress).toHaveText(working, { timeout: 30_000 });
  await page.reload();
  await hydrated(page);
  await expect(progress).toHaveText(working);
  await expect(progress).toHaveText("Done", { timeout: 60_000 });
  await expect(page.getByRole("button", { name: "Picture 1 in full size" })).toBeVisible();
});

test("two browsers at once do not mix", async ({ page, browser }) => {
  const other = await freshPage(browser);
  await drawTwo(other);
  await label(other, 1, "a house");
  for (const browser of [page, other]) {
    await setSteps(browser, 15);
    await browser.getByRole("textbox", { name: "Seed" }).fill("4");
  }
  await Promise.all([generate(page), generate(other)]);
  for (const [browser, drawn] of [[page, "a dog"], [other, "a house"]] as const) {
    await expect(browser.locator(".results")).toContainText(`a green meadow, ${drawn}, a red car`);
    await expect(browser.locator(".history-entry")).toHaveCount(1);
    const seen = (await judge((await downloadPicture(browser)).path)).map(({ text, in_region }) => [text, in_region]);
    expect(seen).toEqual([[drawn, true], ["a red car", true]]);
  }
  await other.context().close();
});

test("after a reload all that is unfinished is followed, one after the other", async ({ page }) => {
  await setSteps(page, 40);
  const sent = page.waitForResponse("**/api/v1/jobs");
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  const { id } = await (await sent).json();
  // As another tab does.
  const request = await (await page.request.get(`/api/v1/jobs/${id}/request`)).json();
  expect((await page.request.post("/api/v1/jobs", { data: request })).ok()).toBe(true);
  await page.reload();
  await hydrated(page);
  // The first is cancelled, and nothing is pressed for the second.
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByTestId("progress")).toHaveText(/^Step \d+ of 40/, { timeout: 30_000 });
  await expect(page.locator(".history-entry img")).toHaveCount(1, { timeout: 60_000 });
  await expect(page.getByTestId("progress")).toHaveText("Done");
});

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

test("what was generated stays in the history, can be shared and deleted", async ({ page, browser }) => {
  await generate(page);
  await page.reload();
  await hydrated(page);
  await expect(page.locator(".history-entry")).toHaveCount(1);
  const link = await permalink(page);
  const other = await (await browser.newContext({ baseURL: process.env.STUDIO_URL })).newPage();
  await other.goto(link);
  await hydrated(other);
  await expect(other.getByText("a green meadow, a dog, a red car")).toBeVisible();
  await other.getByRole("button", { name: "Open a copy" }).click();
  await hydrated(other);
  await expect(other.getByRole("combobox", { name: "Region 2: text" })).toHaveValue("a red car");
  await other.context().close();
  // Whoever presses Delete and then thinks better of it loses nothing.
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("textbox", { name: "Full text" }).focus();
  await expect(page.getByRole("button", { name: "Delete", exact: true })).toBeVisible();
  await expect(page.locator(".history-entry")).toHaveCount(1);
  await deleteShown(page);
  await expect(page.locator(".history-entry")).toHaveCount(0);
});

test("what the server refuses stands beside its cause", async ({ page, complaints }) => {
  await page.getByRole("textbox", { name: "Full text" }).fill("a green meadow");
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.getByTestId("failure")).toHaveText("Region 1 and Region 2 are not in the full text");
  await expect(page.locator("[data-region='1'] .wrong").first()).toBeVisible();
  forgive(complaints, /\b422\b/);
});

test("a double click on Generate makes one generation, and does not cancel it", async ({ page }) => {
  await page.getByRole("button", { name: "Generate", exact: true }).dblclick();
  await expect(page.getByTestId("progress")).toHaveText("Done", { timeout: 30_000 });
  const jobs = await (await page.request.get("/api/v1/jobs")).json();
  expect(jobs.jobs.length).toBe(1);
});

test("a sampler has its own settings, and leaves them behind when another is chosen", async ({ page }) => {
  const sent = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/jobs"));
  await page.getByRole("combobox", { name: "Sampler" }).selectOption("DPM++ 2M");
  await page.getByRole("combobox", { name: "Schedule type" }).selectOption("Karras");
  await expect(page.getByRole("slider", { name: "Eta" })).toHaveCount(0);
  await generate(page);
  expect((await sent).postDataJSON()).toMatchObject({ scheduler: "dpmpp_2m", karras: true });

  const next = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/jobs"));
  await page.getByRole("combobox", { name: "Sampler" }).selectOption("DDIM");
  await expect(page.getByRole("combobox", { name: "Schedule type" })).toHaveCount(0);
  await page.getByRole("spinbutton", { name: "Eta, exact" }).fill("0.5");
  await generate(page);
  const request = (await next).postDataJSON();
  expect(request).toMatchObject({ scheduler: "ddim", eta: 0.5 });
  expect(request.karras).toBeUndefined();
});
