// What can hardly be meant is told before it disappoints.
import {
  click,
  colors,
  drag,
  drawTwo,
  drop,
  expectColor,
  generate,
  label,
  onScreen,
  openStudio,
  setSteps,
  stage,
  take,
  unfoldSettings,
} from "../support/drawing.js";
import { expect, forgive, hold, test } from "../support/test.js";

test.describe.configure({ mode: "default", timeout: 60_000 });

test.beforeEach(async ({ page }) => openStudio(page));

test("without any text nothing is painted, and it is said what to write", async ({ page }) => {
  await take(page, "Rectangle");
  await drag(page, [0.1, 0.1], [0.5, 0.5]);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.getByTestId("failure")).toHaveText(/label a region, or write the full text/);
  await label(page, 1, "a dog");
  await expect(page.getByTestId("failure")).toHaveCount(0);
});

test("after a picture a refusal stands alone, and the background's text does not make white strokes", async ({ page }) => {
  await setSteps(page, 1);
  await label(page, 0, "the beach");
  await take(page, "Rectangle");
  await drag(page, [0.1, 0.1], [0.5, 0.5]);
  await expectColor(page, [0.2, 0.2], colors[1]);
  await generate(page);
  await label(page, 0, "");
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.getByTestId("failure")).toBeVisible();
  await expect(page.getByTestId("progress")).toBeEmpty();
});

test("a drawing without regions, or a region without text, is painted with a hint", async ({ page }) => {
  await setSteps(page, 1);
  const [generate, progress, notice] = [
    page.getByRole("button", { name: "Generate", exact: true }),
    page.getByTestId("progress"),
    page.getByTestId("notice"),
  ];
  await page.getByRole("textbox", { name: "Full text" }).fill("a dog in a meadow");
  await generate.click();
  await expect(notice).toHaveText(/^Nothing is drawn/);
  await expect(progress).toHaveText("Done", { timeout: 30_000 });
  await take(page, "Rectangle");
  await drag(page, [0.1, 0.1], [0.5, 0.5]);
  await generate.click();
  await expect(notice).toHaveText("Region 1 is without text: anything may come there");
  await expect(page.locator(".history-entry img")).toHaveCount(2, { timeout: 30_000 });
  for (const [region, text] of [[2, "a dog"], [3, "a meadow"]] as const) {
    await page.getByRole("button", { name: "Add region" }).click();
    await label(page, region, text);
  }
  await generate.click();
  const both = "Region 1 is without text: anything may come there; Region 2 and Region 3 are not drawn yet";
  await expect(notice).toHaveText(both);
  await expect(page.locator(".history-entry img")).toHaveCount(3, { timeout: 30_000 });
});

test("where to draw is said within the sheet, and not while something is drawn", async ({ page }) => {
  const hint = page.locator(".stage-hint");
  await page.setViewportSize({ width: 844, height: 390 });
  await stage(page).scrollIntoViewIfNeeded();
  const [left, right] = await Promise.all([onScreen(page, [0, 0]), onScreen(page, [1, 1])]);
  for (const line of await hint.locator("> *").all()) {
    const { x, width } = (await line.boundingBox())!;
    expect(x).toBeGreaterThan(left.x);
    expect(x + width).toBeLessThan(right.x);
  }
  await take(page, "Rectangle");
  await stage(page).scrollIntoViewIfNeeded();
  const [from, to] = await Promise.all([onScreen(page, [0.2, 0.2]), onScreen(page, [0.8, 0.8])]);
  await page.mouse.move(from.x, from.y);
  await expect(hint).toHaveCSS("opacity", "1");
  await page.mouse.down();
  await page.mouse.move(to.x, to.y);
  await expect(hint).toHaveCSS("opacity", "0");
  await page.keyboard.press("Escape");
  await expect(hint).toHaveCSS("opacity", "1");
  await page.mouse.up();
});

test("a phrase behind what the model reads cannot be put in, but moved forward", async ({ page, complaints }) => {
  await drawTwo(page);
  const full = page.getByRole("textbox", { name: "Full text" });
  await full.fill(`${"so ".repeat(400)} a green meadow , a dog , a red car`);
  const wrong = page.locator("[data-region='1'] .wrong").first();
  await expect(wrong).toContainText("move it forward");
  await expect(page.getByRole("button", { name: "Add it to the text" })).toHaveCount(0);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.getByTestId("failure")).toHaveText(/^Background, Region 1 and Region 2: lies past token \d+ of the full text, [^:]*: move it forward, or shorten the text$/);
  forgive(complaints, /\b422\b/);
});

test("a file that is nothing of ours is told so", async ({ page }) => {
  await drop(page, Buffer.from("Dear diary"), "diary.txt", "text/plain");
  const notice = page.getByTestId("notice");
  await expect(notice).toHaveText("this is neither a picture nor a project file");
  await drop(page, Buffer.from('{"name": "of another program"}'), "other.json", "application/json");
  await expect(notice).toHaveText("this file is no project of this studio");
});

test("undo in a text field takes words back, not letters", async ({ page }) => {
  const field = page.getByRole("combobox", { name: "Region 1: text" });
  await field.pressSequentially("a red car");
  await field.press("Control+z");
  await expect(field).toHaveValue("a red ");
  await expect(page.getByRole("textbox", { name: "Full text" })).toHaveValue("a red ");
  await field.press("Control+y");
  await expect(field).toHaveValue("a red car");
});

test("what is drawn before the model is there takes its size, and stays as it was drawn", async ({ page }) => {
  const release = await hold(page, "**/api/v1/model");
  await openStudio(page);
  await drawTwo(page);
  await unfoldSettings(page);
  const width = page.getByRole("spinbutton", { name: "Width" });
  await expect(width).toHaveValue("512");
  // A polygon that waits for its next corner is waited for.
  await take(page, "Lasso");
  await click(page, [0.05, 0.05]);
  await click(page, [0.3, 0.05]);
  const answered = page.waitForResponse("**/api/v1/model");
  release();
  await answered;
  await expect(width).toHaveValue("512");
  await click(page, [0.05, 0.2]);
  await page.keyboard.press("Enter");
  await expect(width).toHaveValue("256");
  await expectColor(page, [0.1, 0.1], colors[2]);
  // Undo takes back what was drawn last, not the size.
  await page.getByRole("button", { name: "Undo" }).click();
  await expectColor(page, [0.1, 0.1], colors[0]);
  await expect(width).toHaveValue("256");
  await expectColor(page, [0.15, 0.45], colors[1]);
  await expect(page.getByRole("combobox", { name: "Region 2: text" })).toHaveValue("a red car");
});

test("words that the model was never shown are named", async ({ page }) => {
  await drawTwo(page);
  const note = page.getByText("This model was never shown");
  await label(page, 1, "a fluffy unicorn, fluffy");
  await expect(note).toContainText("never shown: fluffy, unicorn.");
  await label(page, 1, "a b c d e f g h i j k l m n o p q".replaceAll(" ", "xx "));
  await expect(note).toContainText(", …. The regions");
  expect((await note.textContent())!.split(", ").length).toBe(11);
  await label(page, 1, "a purple teapot");
  await expect(note).toHaveCount(0);
});
