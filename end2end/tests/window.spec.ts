// What the window shows of the page, at the sizes that people have: nothing happens out of sight, nothing is in the way.
import {
  colors,
  colorUnder,
  drawTwo,
  drop,
  generate,
  label,
  openStudio,
  setSize,
  setSteps,
  stage,
  stripes,
} from "../support/drawing.js";
import { expect, test } from "../support/test.js";
import { apart, arrive, box, button, isReached, laptop, phone, scrolled } from "../support/window.js";

test.describe.configure({ mode: "default", timeout: 120_000 });

test("the first press draws under the pointer, and the page stays where it is", async ({ page }) => {
  await arrive(page, laptop);
  await page.mouse.move(150, 560);
  await page.mouse.down();
  await page.mouse.move(400, 600, { steps: 6 });
  await page.mouse.up();
  expect(await scrolled(page)).toBe(0);
  await expect.poll(() => colorUnder(page, { x: 160, y: 562 })).toBe(colors[1]);
  expect(await colorUnder(page, { x: 160, y: 700 })).toBe(colors[0]);
});

for (const [width, height] of [
  [390, 844],
  // A phone on its side, and a laptop's page at twice its size.
  [844, 390],
  [683, 384],
  // And at four times.
  [320, 256],
  [1024, 768],
  [1200, 800],
  [1280, 800],
  [2200, 1200],
])
  test(`${width} x ${height}: what is asked for shows itself with how far it is, and Generate stays in the window`, async ({ page }) => {
    await arrive(page, { width, height });
    const [progress, picture] = [page.getByTestId("progress"), button(page, "Picture 1 in full size")];
    if (width > 1000) await expect(button(page, "Generate")).toBeInViewport({ ratio: 1 });
    await button(page, /^Paint it/).first().click();
    const shown = async () => {
      await expect(page.getByRole("heading", { name: "Result" })).toBeInViewport({ ratio: 1 });
      await expect(button(page, /^(Generate|Cancel)$/)).toBeInViewport({ ratio: 1 });
      await expect(progress).toBeInViewport({ ratio: 1 });
    };
    await shown();
    await expect(progress).toHaveText("Done", { timeout: 60_000 });
    await shown();
    await expect(picture).toBeInViewport({ ratio: 1 });
    expect(apart(await box(picture), await box(page.locator(".generate-bar"))), "none lies on the other").toBe(true);
    // From the end of the settings, too.
    if (width < 1264) await button(page, "Settings").click();
    await page.getByText("Size, steps, sampler, negative text").click();
    await page.getByLabel("Negative text").scrollIntoViewIfNeeded();
    await expect(button(page, "Generate")).toBeInViewport({ ratio: 1 });
    expect(await isReached(button(page, "Generate"))).toBe(true);
    await button(page, "Generate").click();
    await expect(progress).not.toHaveText("Done");
    await shown();
    await expect(progress).toHaveText("Done", { timeout: 60_000 });
    await expect(picture).toBeInViewport({ ratio: 1 });
  });

test("between a tablet's width and a laptop's, regions and full text stand together", async ({ page }) => {
  await arrive(page, { width: 1024, height: 768 });
  await expect(button(page, "Regions and text")).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("combobox", { name: "Region 1: text" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Full text" })).toBeVisible();
  await button(page, "Settings").click();
  await expect(page.getByRole("textbox", { name: "Full text" })).toBeHidden();
  await expect(page.getByRole("textbox", { name: "Seed" })).toBeVisible();
});

for (const size of [phone, { width: 1024, height: 768 }, laptop])
  test(`${size.width} pixels: a notice is in nobody's way, and goes when what comes next is fine`, async ({ page }) => {
    // By itself it goes after this time, which never ends here.
    await page.addInitScript(() => {
      const setTimeout = window.setTimeout.bind(window);
      const patient = (does: () => void, after?: number) => setTimeout(does, after === 8_000 ? 2 ** 31 - 1 : after);
      window.setTimeout = patient as typeof window.setTimeout;
    });
    await arrive(page, size);
    const tab = async (name: string | RegExp) => {
      if (size.width < 1264) await button(page, name).click();
    };
    await tab("Settings");
    await setSteps(page, 2);
    await tab(/^Regions/);
    const notice = page.getByTestId("notice");
    const complain = async () => {
      await drop(page, Buffer.from("Dear diary"), "diary.txt", "text/plain");
      await expect(notice).toHaveText(/neither a picture nor/);
      await expect(notice).toBeInViewport({ ratio: 1 });
    };
    const clear = async () => {
      expect(await isReached(notice)).toBe(false);
      const mine = await box(notice);
      for (const other of [button(page, /^(Generate|Cancel)$/), page.locator("progress")]) {
        if (!(await other.isVisible())) continue;
        expect(apart(mine, await box(other)), "beside").toBe(true);
      }
    };
    await complain();
    await clear();
    await drop(page, await stripes(page, "#ff0000", "#00ff00"), "layout.png", "image/png");
    await expect(page.getByTestId("found")).toBeVisible();
    await expect(notice).toBeEmpty();
    await button(page, "Open").click();
    await label(page, 0, "a green meadow");
    await complain();
    await button(page, "Generate").click();
    await expect(notice).not.toHaveText(/neither/);
    await expect(page.getByTestId("progress")).toHaveText("Done", { timeout: 60_000 });
    await complain();
    await clear();
  });

test("a region that is added comes into view, above Generate; where there is room for no more, it is said", async ({ page }) => {
  for (const size of [phone, laptop, { width: 1024, height: 768 }]) {
    await page.setViewportSize(size);
    await openStudio(page);
    await button(page, "New").click();
    for (let region = 2; region <= 12; region++) {
      await button(page, "Add region").click();
      const row = page.getByRole("combobox", { name: `Region ${region}: text` });
      await expect(row).toBeInViewport({ ratio: 1 });
      await expect.poll(() => isReached(row), `region ${region} is covered`).toBe(true);
    }
  }
  const add = button(page, "Add region");
  for (let region = 13; region <= 31; region++) await add.click();
  await expect(add).toBeDisabled();
  await expect(add).toHaveAttribute("title", /32 regions at most, the background included/);
  await expect(page.locator(".regions .hint")).toHaveText("32 regions at most, the background included");
});

test("several pictures stand in two columns", async ({ page }) => {
  await arrive(page, laptop);
  await drawTwo(page);
  await setSteps(page, 1);
  const samples = page.getByRole("spinbutton", { name: "Samples, exact" });
  await samples.fill("3");
  await samples.blur();
  await generate(page, 3);
  const pictures = page.getByRole("button", { name: /Picture \d in full size/ });
  const [first, second, third] = await Promise.all([0, 1, 2].map((at) => box(pictures.nth(at))));
  expect(second.y).toBe(first.y);
  expect(second.x).toBeGreaterThanOrEqual(first.x + first.width);
  expect(third.x).toBe(first.x);
  expect(third.y).toBeGreaterThanOrEqual(first.y + first.height);
});

test("a picture in full size is downloaded as from the result", async ({ page }) => {
  await openStudio(page);
  await label(page, 0, "a green meadow");
  await setSteps(page, 1);
  await page.getByRole("textbox", { name: "Seed" }).fill("7");
  await generate(page);
  await button(page, "Picture 1 in full size").click();
  const saved = page.waitForEvent("download");
  await page.getByRole("dialog").getByRole("link", { name: "Download" }).click();
  expect((await saved).suggestedFilename()).toBe("7-0.png");
});

test("a wide picture in full size is as high as the window allows", async ({ page }) => {
  await arrive(page, { width: 1366, height: 768 });
  await label(page, 0, "a green meadow");
  await setSteps(page, 1);
  await setSize(page, 448, 256);
  await generate(page);
  await button(page, "Picture 1 in full size").click();
  // But for what stands around it.
  const high = 768 - 9 * 16;
  for (const shown of [page.locator(".viewed img"), page.locator(".layout-overlay")]) {
    await expect(shown).toBeInViewport({ ratio: 1 });
    const { width, height } = await box(shown);
    expect(Math.abs(height - high)).toBeLessThan(2);
    expect(Math.abs(width - (high * 448) / 256)).toBeLessThan(2);
  }
});

test("the first screen has the canvas in it, and shows that there are more examples", async ({ page }) => {
  for (const [size, share] of [[laptop, 0.5], [phone, 0.75]] as const) {
    await arrive(page, size);
    const { y, height } = await box(stage(page));
    // On a laptop its middle, on a phone its beginning.
    expect(size === phone ? y : y + height / 2).toBeLessThan(size.height * (size === phone ? share : 0.9));
    const cut = await page.locator(".example-open").evaluateAll((all) =>
      all.some((it) => {
        const { left, right } = it.getBoundingClientRect();
        return left < window.innerWidth - 20 && right > window.innerWidth + 20;
      }),
    );
    expect(cut, `${size.width}: a card at the edge`).toBe(true);
  }
  await page.setViewportSize(laptop);
  const field = page.getByRole("textbox", { name: "Full text" });
  expect((await box(field)).y + 40).toBeLessThan((await box(button(page, "Generate"))).y);
});

test("the sheet of keys fits a laptop's window, and a picture that is no layout takes no room", async ({ page }) => {
  await arrive(page, laptop);
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keys" });
  await expect(keys).toBeVisible();
  expect(await keys.evaluate((it) => it.scrollHeight - it.clientHeight)).toBeLessThanOrEqual(0);
  await expect(keys.getByText("Ctrl+Wheel")).toBeInViewport({ ratio: 1 });
  await page.keyboard.press("Escape");
  const many = Array.from({ length: 40 }, (_, at) => `hsl(${9 * at} 90% ${30 + (at % 3) * 20}%)`);
  await drop(page, await stripes(page, ...many), "photo.png", "image/png");
  await expect(page.getByTestId("found")).toHaveClass(/wrong/);
  const [said, open] = [await box(page.getByTestId("found")), await box(button(page, "Open"))];
  expect(open.y - said.y - said.height).toBeLessThan(40);
});
