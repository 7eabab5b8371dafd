// The studio with the model that ships with it: what a first visitor does.
import { existsSync } from "node:fs";
import type { Page } from "@playwright/test";
import {
  colors,
  downloadPicture,
  drawTwo,
  drop,
  expectColor,
  freshPage,
  generate,
  label,
  stage,
} from "../support/drawing.js";
import { embedded, evaluator, judge, startStudio, type Studio } from "../support/studio.js";
import { expect, hydrated, test } from "../support/test.js";

test.skip(!existsSync(embedded), "the embedded model is not there");
test.describe.configure({ mode: "default", timeout: 240_000 });

let studio: Studio;
test.beforeAll(async () => {
  studio = await startStudio({ checkpoint: embedded });
});
test.afterAll(() => studio.stop());

test("what is drawn and described is painted there, and its picture brings everything back", async ({
  page,
  browser,
}) => {
  await page.goto(studio.url);
  await hydrated(page);
  await stage(page).scrollIntoViewIfNeeded();
  await drawTwo(page);
  await label(page, 0, "a sandy desert");
  await label(page, 1, "a red apple");
  await label(page, 2, "a blue umbrella");
  await page.getByRole("textbox", { name: "Seed" }).fill("1");
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.getByRole("img", { name: "Preview of picture 1" })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId("progress")).toHaveText("Done", { timeout: 120_000 });
  // Desert and sky lie at 20: neither red nor blue prevails.
  const prevails = await redOverBlue(page);
  expect(prevails(0.1, 0.4, 0.4, 0.8), "red where the apple is").toBeGreaterThan(100);
  expect(prevails(0.6, 0.3, 0.9, 0.8), "blue where the umbrella is").toBeLessThan(-40);
  const { path, bytes } = await downloadPicture(page);
  if (existsSync(evaluator)) {
    const seen = (await judge(path)).map(({ text, in_region }) => [text, in_region]);
    expect(seen).toEqual([["a red apple", true], ["a blue umbrella", true]]);
  }

  const fresh = await freshPage(browser, studio.url);
  await drop(fresh, bytes, "picture.png", "image/png");
  await expect(fresh.getByRole("textbox", { name: "Background: text" })).toHaveValue("a sandy desert");
  await expect(fresh.getByRole("textbox", { name: "Region 1: text" })).toHaveValue("a red apple");
  await expect(fresh.getByRole("textbox", { name: "Region 2: text" })).toHaveValue("a blue umbrella");
  await expectColor(fresh, [0.15, 0.5], colors[1]);
  await expectColor(fresh, [0.65, 0.4], colors[2]);
  await expect(fresh.getByRole("textbox", { name: "Seed" })).toHaveValue("1");
  await generate(fresh);
  expect((await downloadPicture(fresh)).bytes.equals(bytes), "the same picture").toBe(true);
  await fresh.context().close();
  await page.goto("about:blank");
});

test("one click leads from the start page to a picture", async ({ page }) => {
  await page.goto(studio.url);
  await hydrated(page);
  await page.getByRole("button", { name: "Paint it: By the sea" }).click();
  await expect(page.getByRole("button", { name: "Picture 1 in full size" })).toBeVisible({ timeout: 120_000 });
  await expect(page.locator(".results")).toContainText("the beach , a red sailboat , a blue umbrella , a football");
  await page.goto("about:blank");
});

/** By how much red exceeds blue on average between two corners of the picture, given as shares of its sides. */
async function redOverBlue(page: Page) {
  const { side, pixels } = await page.locator(".sample img").evaluate(async (element) => {
    const image = element as HTMLImageElement;
    await image.decode();
    const side = image.naturalWidth;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    const context = canvas.getContext("2d", { willReadFrequently: true })!;
    context.drawImage(image, 0, 0);
    return { side, pixels: [...context.getImageData(0, 0, side, side).data] };
  });
  return (left: number, top: number, right: number, bottom: number) => {
    let [sum, count] = [0, 0];
    for (let y = Math.ceil(top * side); y < bottom * side; y++)
      for (let x = Math.ceil(left * side); x < right * side; x++, count++)
        sum += pixels[4 * (y * side + x)] - pixels[4 * (y * side + x) + 2];
    return sum / count;
  };
}
