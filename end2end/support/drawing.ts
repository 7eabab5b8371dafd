// Hands and eyes on the drawing canvas.
import { readFile } from "node:fs/promises";
import { expect, type Browser, type Locator, type Page, type Request } from "@playwright/test";
import { hydrated, test } from "./test.js";

/** The regions' colours as the palette has them: background, 1, 2. */
export const colors = ["#ffffff", "#0072b2", "#e69f00", "#009e73"];

/** A place in the picture: shares of its width and height. */
export type Place = [x: number, y: number];

/** Opens the studio, of the server that all tests share or of another, and waits until it can be used. */
export async function openStudio(page: Page, url = "/") {
  await page.goto(url);
  await hydrated(page);
  await expect(stage(page)).toBeVisible();
  await stage(page).scrollIntoViewIfNeeded();
}

export function stage(page: Page): Locator {
  return page.getByRole("application", { name: "Drawing canvas" });
}

/** Where a place of a fitted square picture lies on the screen: the picture is centred, with a margin of 16 pixels. */
export async function onScreen(page: Page, [x, y]: Place) {
  const box = (await stage(page).boundingBox())!;
  const side = Math.min(box.width, box.height) - 32;
  return {
    x: box.x + (box.width - side) / 2 + x * side,
    y: box.y + (box.height - side) / 2 + y * side,
  };
}

/** Waits until the canvas is in view and rests: what was pressed before may have scrolled the page. */
async function settle(page: Page) {
  await stage(page).scrollIntoViewIfNeeded();
  await stage(page).hover({ trial: true });
}

/** Drags the mouse from place to place. */
export async function drag(page: Page, ...places: Place[]) {
  await settle(page);
  const [first, ...rest] = await Promise.all(places.map((place) => onScreen(page, place)));
  await page.mouse.move(first.x, first.y);
  await page.mouse.down();
  for (const { x, y } of rest) await page.mouse.move(x, y, { steps: 6 });
  await page.mouse.up();
}

export async function click(page: Page, place: Place) {
  await settle(page);
  const { x, y } = await onScreen(page, place);
  await page.mouse.click(x, y);
}

/** The colour that the canvas shows at a place, as `#rrggbb`. In the middle of a region stands its number. */
export async function colorAt(page: Page, place: Place): Promise<string> {
  return colorUnder(page, await onScreen(page, place));
}

/** The colour that the canvas shows at a point of the window. */
export async function colorUnder(page: Page, { x, y }: { x: number; y: number }): Promise<string> {
  return stage(page).evaluate(
    (element, { x, y }) => {
      const canvas = element as HTMLCanvasElement;
      const frame = canvas.getBoundingClientRect();
      const scale = canvas.width / frame.width;
      // By way of a canvas that is meant to be read: browsers warn of reading others.
      const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
      pixel.drawImage(canvas, -Math.floor((x - frame.x) * scale), -Math.floor((y - frame.y) * scale));
      const [r, g, b] = pixel.getImageData(0, 0, 1, 1).data;
      return "#" + [r, g, b].map((channel) => channel.toString(16).padStart(2, "0")).join("");
    },
    { x, y },
  );
}

export async function expectColor(page: Page, place: Place, color: string) {
  await expect.poll(() => colorAt(page, place), `colour at ${place}`).toBe(color);
}

export async function take(page: Page, tool: string) {
  await page.getByRole("button", { name: tool, exact: true }).click();
}

/** Writes a region's text; 0 is the background. */
export async function label(page: Page, region: number, text: string) {
  const name = region === 0 ? "Background: text" : `Region ${region}: text`;
  await page.getByRole("combobox", { name }).fill(text);
}

/** Two regions with texts, drawn with the mouse. */
export async function drawTwo(page: Page) {
  await take(page, "Rectangle");
  await drag(page, [0.1, 0.4], [0.4, 0.8]);
  await page.getByRole("button", { name: "Add region" }).click();
  await drag(page, [0.6, 0.3], [0.9, 0.8]);
  await label(page, 0, "a green meadow");
  await label(page, 1, "a dog");
  await label(page, 2, "a red car");
}

/** Opens the settings that are folded away. */
export async function unfoldSettings(page: Page) {
  if (!(await page.getByRole("spinbutton", { name: "Width" }).isVisible()))
    await page.getByText("Size, steps, sampler, negative text").click();
}

async function setNumber(page: Page, name: string, value: number) {
  await unfoldSettings(page);
  const field = page.getByRole("spinbutton", { name, exact: true });
  await field.fill(String(value));
  await field.blur();
}

/** How many steps a picture takes: few, so that it is there in a moment, or so many that there is time to do something else. */
export async function setSteps(page: Page, steps: number) {
  await setNumber(page, "Steps, exact", steps);
}

/** Sides of the picture in pixels: the larger they are, the longer a step takes. */
export async function setSize(page: Page, width: number, height = width) {
  await setNumber(page, "Width", width);
  await setNumber(page, "Height", height);
}

/** Opens a studio of its own in another browser, with nothing of the first's. */
export async function freshPage(browser: Browser) {
  const page = await (await browser.newContext({ baseURL: process.env.STUDIO_URL })).newPage();
  await openStudio(page);
  return page;
}

/** Asks for the permalink of what is shown, and waits until it is told. */
export async function permalink(page: Page) {
  // Where the browser copies nothing, a dialogue has it.
  const asked = page.waitForEvent("dialog").then(async (dialog) => {
    const link = dialog.defaultValue();
    await dialog.dismiss();
    return link;
  });
  const notice = page.getByTestId("notice").filter({ hasText: "Copied: http" });
  const copied = notice.waitFor().then(() => notice.textContent());
  await page.getByRole("button", { name: "Permalink" }).click();
  return /http\S+/.exec((await Promise.any([asked, copied]))!)![0];
}

/** Downloads the first picture: where it lies and what is in it. */
export async function downloadPicture(page: Page) {
  const saved = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).first().click();
  const path = await (await saved).path();
  return { path, bytes: await readFile(path) };
}

/** Drops a file on the page, as a user does. */
export async function drop(page: Page, bytes: Buffer, name: string, type: string) {
  const transfer = await page.evaluateHandle(
    ({ bytes, name, type }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
      return transfer;
    },
    { bytes: [...bytes], name, type },
  );
  await page.dispatchEvent("main", "drop", { dataTransfer: transfer });
}

/** A layout picture of upright stripes of these colours, as the bytes of a PNG file. */
export async function stripes(page: Page, ...colors: string[]): Promise<Buffer> {
  const bytes = await page.evaluate(async (colors) => {
    const canvas = new OffscreenCanvas(16 * colors.length, 16 * colors.length);
    const context = canvas.getContext("2d")!;
    colors.forEach((color, at) => {
      context.fillStyle = color;
      context.fillRect(16 * at, 0, 16, canvas.height);
    });
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  }, colors);
  return Buffer.from(bytes);
}

/** What the page asks the server to paint next. */
export function jobRequest(page: Page): Promise<Request> {
  return page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/v1/jobs"));
}

/** Presses Generate and waits for the end; the job that the server made of it. */
export async function generate(page: Page, samples = 1): Promise<{ id: string; seed: number }> {
  const answered = page.waitForResponse((response) => response.url().endsWith("/api/v1/jobs") && response.ok());
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  const job = await (await answered).json();
  // Its own pictures: of one before, "Done" may still stand there.
  const pictures = page.getByRole("button", { name: /Picture \d in full size/ });
  await expect(pictures.locator(`img[src*="/${job.id}/"]`)).toHaveCount(samples, { timeout: 60_000 });
  await expect(pictures).toHaveCount(samples);
  await expect(page.getByTestId("progress")).toHaveText("Done");
  return job;
}

/** The shown picture's values, red, green, blue and opacity of each pixel. */
export async function shownPixels(page: Page): Promise<number[]> {
  return page.locator(".sample .picture img").evaluate(async (picture) => {
    const image = picture as HTMLImageElement;
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext("2d")!;
    context.drawImage(image, 0, 0);
    return [...context.getImageData(0, 0, canvas.width, canvas.height).data];
  });
}

/** Small generations without a drawing, one after the other: "picture 1", "picture 2" and so on. */
export async function paintMany(page: Page, count: number) {
  // So many of one client may wait.
  const most = 10;
  for (let n = 1; n <= count; n++) {
    const layout = { runs: { width: 1, height: 1, regions: 1, runs: "A" } };
    const data = { layout, regions: [{ text: "" }], prompt: `picture ${n}`, width: 64, height: 64, steps: 1 };
    const job = await (await page.request.post("/api/v1/jobs", { data })).json();
    if (n % most > 0 && n < count) continue;
    const state = async () => (await (await page.request.get(`/api/v1/jobs/${job.id}`)).json()).state.name;
    await expect.poll(state, { timeout: 30_000 }).toBe("done");
  }
}

/** Deletes the generation that is shown: the button asks once. */
export async function deleteShown(page: Page) {
  const actions = page.locator(".job-actions");
  await actions.getByRole("button", { name: "Delete", exact: true }).click();
  await actions.getByRole("button", { name: "Delete for good?" }).click();
}

/** All drawings that the browser keeps, the last one last. */
export function keptDrawings(page: Page) {
  return page.evaluate(() => {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith("document"));
    return keys.sort().map((key) => localStorage.getItem(key)!);
  });
}

/** Waits until a text is in the drawing that the browser has kept last. */
export function expectKept(page: Page, text: string) {
  return expect.poll(async () => (await keptDrawings(page)).at(-1) ?? "").toContain(text);
}

/** All tests of a file begin with two regions and two steps, one after the other: the server paints one at a time. */
export function beginWithTwo() {
  test.describe.configure({ mode: "default", timeout: 120_000 });
  test.beforeEach(async ({ page }) => {
    await openStudio(page);
    await drawTwo(page);
    await setSteps(page, 2);
  });
}
