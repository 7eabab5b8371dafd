// What is done with pictures once they are painted, and how they are asked for.
import type { Page } from "@playwright/test";
import { colors, drawTwo, expectColor, generate, jobRequest, label, openStudio, setSteps, shownPixels } from "../support/drawing.js";
import { expect, test } from "../support/test.js";

test.describe.configure({ mode: "default", timeout: 120_000 });

test.beforeEach(async ({ page }) => {
  await openStudio(page);
  await drawTwo(page);
  await setSteps(page, 2);
});

const samples = (page: Page) => page.getByRole("spinbutton", { name: "Samples, exact" });

test("several samples arrive one after the other, and arrows lead through them", async ({ page }) => {
  await samples(page).fill("3");
  await samples(page).blur();
  // How many pictures the page has had, one after the other.
  const counts = page.locator(".results").evaluate(
    (results) =>
      new Promise<number[]>((resolve) => {
        const counts: number[] = [];
        const look = () => {
          const count = results.querySelectorAll(".sample .picture").length;
          if (count !== (counts.at(-1) ?? 0)) counts.push(count);
          if (count < 3) return;
          observer.disconnect();
          resolve(counts);
        };
        const observer = new MutationObserver(look);
        observer.observe(results, { childList: true, subtree: true });
      }),
  );
  await generate(page, 3);
  expect(await counts).toEqual([1, 2, 3]);
  await page.getByRole("button", { name: "Picture 1 in full size" }).click();
  const picture = page.locator(".viewed img");
  for (const [key, at] of [["ArrowRight", 1], ["ArrowRight", 2], ["ArrowRight", 0], ["ArrowLeft", 2]] as const) {
    await page.keyboard.press(key);
    await expect(picture).toHaveAttribute("src", new RegExp(`/pictures/${at}$`));
  }
});

test("a picture is copied to the clipboard as it is", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await generate(page);
  await page.getByRole("button", { name: "Copy picture 1", exact: true }).click();
  await expect(page.getByTestId("notice")).toHaveText("Copied");
  const { side, pixels } = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    const bitmap = await createImageBitmap(await item.getType("image/png"));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")!;
    context.drawImage(bitmap, 0, 0);
    return { side: [bitmap.width, bitmap.height], pixels: [...context.getImageData(0, 0, bitmap.width, bitmap.height).data] };
  });
  expect(side).toEqual([256, 256]);
  expect(Buffer.from(pixels).equals(Buffer.from(await shownPixels(page)))).toBe(true);
});

test("the settings of a picture are used again, and undo brings the drawing back", async ({ page }) => {
  const steps = page.getByRole("spinbutton", { name: "Steps, exact", exact: true });
  const { seed } = await generate(page);
  await page.getByRole("button", { name: "New", exact: true }).click();
  await setSteps(page, 9);
  await label(page, 0, "a desert");
  await page.getByRole("button", { name: "Open this drawing" }).click();
  await expect(page.getByRole("combobox", { name: "Region 2: text" })).toHaveValue("a red car");
  await expect(page.getByRole("textbox", { name: "Seed" })).toHaveValue(`${seed}`);
  await expect(steps).toHaveValue("2");
  await expectColor(page, [0.65, 0.4], colors[2]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(steps).toHaveValue("9");
  await expect(page.getByRole("combobox", { name: "Background: text" })).toHaveValue("a desert");
});

test("an aspect ratio and a region's steps are set, and sent", async ({ page }) => {
  await page.getByRole("button", { name: "16:9" }).click();
  const side = async (name: string) => Number(await page.getByRole("spinbutton", { name, exact: true }).inputValue());
  const [width, height] = [await side("Width"), await side("Height")];
  expect(Math.abs(width / height - 16 / 9)).toBeLessThan(0.2);
  await setSteps(page, 4);
  await page.getByRole("button", { name: "More about region 1" }).click();
  await page.getByRole("slider", { name: "From" }).fill("0.25");
  await page.getByRole("slider", { name: "Until" }).fill("0.75");
  const sent = jobRequest(page);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  expect((await sent).postDataJSON().regions[1]).toMatchObject({ text: "a dog", start: 0.25, end: 0.75 });
  expect((await (await sent).response())!.status()).toBe(201);
  await expect(page.getByTestId("progress")).toHaveText("Done", { timeout: 60_000 });
});

test("the layout is saved as a picture in the regions' colours", async ({ page }) => {
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Layout PNG" }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe("layout.png");
  await page.getByLabel("File to open").setInputFiles(await download.path());
  await expect(page.getByTestId("found")).toHaveText("3 regions found, the background among them.");
  const found = page.getByRole("list", { name: "Colours found" }).getByRole("img");
  for (const color of colors.slice(0, 3)) await expect(found.and(page.getByLabel(color))).toHaveCount(1);
});

test("who asks for less motion sees none", async ({ page }) => {
  const moving = () =>
    page.evaluate(() => {
      const moves = (it: Element) => {
        const { animationName, transitionDuration } = getComputedStyle(it);
        return animationName !== "none" || transitionDuration.split(",").some((time) => parseFloat(time) > 0);
      };
      return [...document.querySelectorAll("body *")].filter(moves).length;
    });
  await page.emulateMedia({ reducedMotion: "reduce" });
  expect(await moving()).toBe(0);
});
