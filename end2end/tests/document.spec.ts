import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  colors,
  drag,
  drawTwo,
  expectColor,
  freshPage,
  jobRequest,
  label,
  onScreen,
  openStudio,
  setSteps,
  take,
  unfoldSettings,
} from "../support/drawing.js";
import { expectAccessible } from "../support/accessible.js";
import { published, startStudio } from "../support/studio.js";
import { expect, forgive, hydrated, test } from "../support/test.js";

const layout = fileURLToPath(new URL("../../fixtures/benchmark/valset_layout/5.png", import.meta.url));

test("a drawing survives a reload in its middle", async ({ page }) => {
  await openStudio(page);
  await drawTwo(page);
  // In the middle of another stroke.
  await take(page, "Brush");
  const { x, y } = await onScreen(page, [0.8, 0.9]);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 40, y);
  await page.reload();
  await hydrated(page);
  await expect(page.getByRole("combobox", { name: "Region 2: text" })).toHaveValue("a red car");
  await expectColor(page, [0.15, 0.5], colors[1]);
  await expectColor(page, [0.65, 0.4], colors[2]);
});

test("the full text follows the regions until it is edited, and a missing phrase is put in again", async ({ page }) => {
  await openStudio(page);
  await drawTwo(page);
  const text = page.getByRole("textbox", { name: "Full text" });
  await expect(text).toHaveValue("a green meadow , a dog , a red car");
  await expect(page.locator(".backdrop mark")).toHaveText(["a green meadow", "a dog", "a red car"]);
  await expect(page.getByTestId("tokens")).toHaveText(/^\d+ \/ 368 tokens$/);
  await text.fill("a red car in a green meadow");
  await expect(page.locator("[data-region='1'] .wrong")).toHaveCount(1);
  await page.getByRole("button", { name: "Add it to the text" }).click();
  await expect(text).toHaveValue(/a dog/);
  await expect(page.locator("[data-region='1'] .wrong")).toHaveCount(0);
  await page.getByRole("button", { name: "Follow the regions again" }).click();
  await expect(text).toHaveValue("a green meadow , a dog , a red car");
});

test("a phrase that occurs several times belongs to the place that is chosen, then and later", async ({ page }) => {
  await openStudio(page);
  await drawTwo(page);
  const choice = page.getByRole("combobox", { name: "Region 1: which one is meant" });
  await expect(choice).toHaveCount(0);
  await page.getByRole("textbox", { name: "Full text" }).fill("a dog, a red car and a dog in a green meadow");
  const marks = page.locator(".backdrop mark");
  await expect(marks).toHaveText(["a dog", "a red car", "a green meadow"]);
  await choice.selectOption("2nd of 2");
  await expect(marks).toHaveText(["a red car", "a dog", "a green meadow"]);
  await expectAccessible(page);
  await page.reload();
  await hydrated(page);
  await expect(choice.getByRole("option", { selected: true })).toHaveText("2nd of 2");
  await choice.selectOption("all 2");
  await expect(marks).toHaveText(["a dog", "a red car", "a dog", "a green meadow"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(marks).toHaveText(["a red car", "a dog", "a green meadow"]);
  // What is sent says the same, and the server takes it.
  await setSteps(page, 150);
  const sent = jobRequest(page);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  expect((await sent).postDataJSON().regions[1]).toEqual({ text: "a dog", occurrence: 2 });
  expect((await (await sent).response())!.status()).toBe(201);
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(page.getByTestId("progress")).toHaveText("Cancelled");
});

test("the phrases are marked where the server's tokenizer says they stand", async ({ page, complaints }) => {
  await openStudio(page);
  const marks = page.locator(".backdrop mark");
  // As if the server answered of one region only, and found its text one word later.
  const passages = [{ found: "at", start: 2, end: 14 }, { found: "missing", reason: "Too far back." }, { found: "at", start: 25, end: 34 }];
  await page.route("**/api/v1/tokens", (route) => route.fulfill({ json: { used: 7, limit: 75, regions: passages } }));
  await drawTwo(page);
  await expect(page.getByTestId("tokens")).toHaveText("7 / 75 tokens");
  await expect(marks).toHaveText(["green meadow", "a red car"]);
  await expect(page.locator("[data-region='1'] .wrong")).toContainText("Too far back.");
  // What changes no text leaves its word standing.
  await page.getByRole("button", { name: "Lock region 1" }).click();
  await expect(marks).toHaveText(["green meadow", "a red car"]);
  // Where it does not answer, the page has found them itself.
  await page.unroute("**/api/v1/tokens");
  await page.route("**/api/v1/tokens", (route) => route.abort());
  await label(page, 2, "a blue car");
  await expect(marks).toHaveText(["a green meadow", "a dog", "a blue car"]);
  await expect(page.getByTestId("tokens")).toBeEmpty();
  forgive(complaints, /ERR_FAILED/);
});

test("of two regions with the same text each means its own, as long as the full text follows them", async ({ page }) => {
  await openStudio(page);
  await drawTwo(page);
  await label(page, 2, "a dog");
  const choice = (region: number) => page.getByRole("combobox", { name: `Region ${region}: which one is meant` });
  await expect(choice(1).getByRole("option", { selected: true })).toHaveText("1st of 2");
  await expect(choice(2).getByRole("option", { selected: true })).toHaveText("2nd of 2");
  await expect(page.locator(".backdrop mark")).toHaveText(["a green meadow", "a dog", "a dog"]);
});

test("a layout picture of the benchmark is opened after a look at what was found", async ({ page }) => {
  await openStudio(page);
  await page.getByLabel("File to open").setInputFiles(layout);
  await expect(page.getByTestId("found")).toHaveText("4 regions found, the background among them.");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await expect(page.getByRole("combobox", { name: "Region 3: text" })).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Region 4: text" })).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("combobox", { name: "Region 3: text" })).toHaveCount(0);
});

test("an item of the published benchmark opens with its layout and texts, where the model can paint it", async ({ page }) => {
  await openStudio(page);
  const items = page.getByText("Layouts of the paper’s benchmark");
  await unfoldSettings(page);
  await expect(page.getByRole("spinbutton", { name: "Width" })).toHaveValue("256");
  await expect(items).toHaveCount(0);
  const studio = await startStudio({ checkpoint: await published(test.info().outputPath("model")) });
  await openStudio(page, studio.url);
  await items.click();
  await page.getByRole("button", { name: /^Open item 5: A painting of a couple/ }).click();
  await expect(page.getByRole("combobox", { name: "Background: text" })).toHaveValue("a street on a rainy night");
  await expect(page.getByRole("combobox", { name: "Region 2: text" })).toHaveValue("a yellow umbrella");
  await expect(page.getByRole("textbox", { name: "Full text" })).toHaveValue(/^A painting of a couple holding/);
  await expect(page.locator(".region .wrong")).toHaveCount(0);
  await expect(page.locator(".backdrop mark")).toHaveCount(4);
  await page.goto("about:blank");
  await studio.stop();
});

test("a project file brings the document back", async ({ page, browser }) => {
  await openStudio(page);
  await drawTwo(page);
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Project" }).click();
  const file = await (await saved).path();
  const fresh = await freshPage(browser);
  const buffer = await readFile(file);
  await fresh.getByLabel("File to open").setInputFiles({ name: "drawing.json", mimeType: "application/json", buffer });
  await expect(fresh.getByRole("combobox", { name: "Region 2: text" })).toHaveValue("a red car");
  await expectColor(fresh, [0.65, 0.4], colors[2]);
  await fresh.context().close();
});

test("an example opens with one click, and undo brings the drawing back", async ({ page }) => {
  await openStudio(page);
  await take(page, "Rectangle");
  await drag(page, [0.1, 0.1], [0.4, 0.4]);
  await label(page, 1, "a cat");
  await page.getByRole("button", { name: "Open the example By the sea" }).click();
  await expect(page.getByRole("combobox", { name: "Background: text" })).toHaveValue("the beach");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("combobox", { name: "Region 1: text" })).toHaveValue("a cat");
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("a finger draws, two fingers zoom, tabs lead to the panels", async ({ page }) => {
    await openStudio(page);
    const box = (await page.locator("canvas.stage").boundingBox())!;
    const client = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...points: [number, number][]) =>
      client.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: points.map(([x, y], id) => ({ x: box.x + x * box.width, y: box.y + y * box.height, id })),
      });
    await touch("touchStart", [0.3, 0.5]);
    await touch("touchMove", [0.5, 0.5]);
    await touch("touchMove", [0.7, 0.5]);
    await touch("touchEnd");
    await expectColor(page, [0.5, 0.5], colors[1]);
    await expectColor(page, [0.5, 0.75], colors[0]);
    await touch("touchStart", [0.45, 0.5]);
    await touch("touchStart", [0.45, 0.5], [0.55, 0.5]);
    // As fingers do, in many moves: the browser may merge or drop single ones.
    for (let x = 0.4; x > 0.05; x -= 0.05) await touch("touchMove", [x, 0.5], [1 - x, 0.5]);
    await touch("touchEnd");
    await expectColor(page, [0.5, 0.75], colors[1]);
    // Both fingers together move the view.
    await expectColor(page, [0.5, 0.05], colors[0]);
    await touch("touchStart", [0.45, 0.9]);
    await touch("touchStart", [0.45, 0.9], [0.55, 0.9]);
    for (let y = 0.85; y > 0.4; y -= 0.05) await touch("touchMove", [0.45, y], [0.55, y]);
    await touch("touchEnd");
    await expectColor(page, [0.5, 0.05], colors[1]);
    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await expect(page.getByRole("slider", { name: "Follow the texts (w_c)" })).toBeVisible();
    await expect(page.getByRole("combobox", { name: "Region 1: text" })).toBeHidden();
  });
});
