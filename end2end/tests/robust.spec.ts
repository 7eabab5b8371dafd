// Browsers that lack something, hands that press twice, values that are out of range.
import type { Page } from "@playwright/test";
import {
  click,
  drag,
  drawTwo,
  expectColor,
  expectKept,
  colors,
  generate,
  jobRequest,
  keptDrawings,
  label,
  onScreen,
  openStudio,
  setSteps,
  stage,
  take,
  unfoldSettings,
} from "../support/drawing.js";
import { expect, forgive, hold, hydrated, test } from "../support/test.js";

test.describe.configure({ mode: "default", timeout: 90_000 });

const exact = (page: Page, name: string) => page.getByRole("spinbutton", { name: `${name}, exact`, exact: true });
const slider = (page: Page, name: string) => page.getByRole("slider", { name, exact: true });

test("a browser without coalesced events and clipboard draws, and shows the link that it cannot copy", async ({ page }) => {
  await page.addInitScript(() => {
    delete (PointerEvent.prototype as Partial<PointerEvent>).getCoalescedEvents;
    Object.defineProperty(navigator, "clipboard", { value: undefined });
  });
  await openStudio(page);
  await drawTwo(page);
  await expectColor(page, [0.15, 0.45], colors[1]);
  await setSteps(page, 1);
  await generate(page);
  // It stays there until it was copied.
  const told = page.waitForEvent("dialog").then(async (dialog) => {
    await dialog.accept();
    return [dialog.message(), dialog.defaultValue()];
  });
  await page.getByRole("button", { name: "Permalink" }).click();
  expect(await told).toEqual(["The permalink:", expect.stringMatching(/^http.*\/shared\/\w+$/)]);
});

test("whoever presses again before the server has answered means the same", async ({ page }) => {
  await openStudio(page);
  await drawTwo(page);
  await setSteps(page, 1);
  const release = await hold(page, "**/api/v1/jobs");
  const button = page.getByRole("button", { name: "Generate", exact: true });
  const sent = page.waitForRequest("**/api/v1/jobs");
  await button.click();
  await sent;
  await button.click();
  await page.keyboard.press("Control+Enter");
  release();
  await expect(page.getByTestId("progress")).toHaveText("Done", { timeout: 30_000 });
  const jobs = await (await page.request.get("/api/v1/jobs")).json();
  expect(jobs.jobs.length).toBe(1);
});

test("a value that is brought elsewhere is shown as it is used", async ({ page }) => {
  await openStudio(page);
  const samples = exact(page, "Samples");
  for (const typed of ["4", "7"]) {
    await samples.fill(typed);
    await samples.blur();
    await expect(samples).toHaveValue("4");
  }
  const seed = page.getByRole("textbox", { name: "Seed" });
  await seed.fill("-1");
  await seed.blur();
  await expect(seed).toHaveValue("");
  // What is emptied, too.
  await unfoldSettings(page);
  for (const [field, value] of [
    [page.getByRole("spinbutton", { name: "Width", exact: true }), "256"],
    [exact(page, "Steps"), "15"],
  ] as const) {
    await expect(field).toHaveValue(value);
    await field.fill("");
    await field.blur();
    await expect(field).toHaveValue(value);
  }
});

test("a generation whose answer got lost is sent again, and is the same one", async ({ page, complaints }) => {
  await openStudio(page);
  await label(page, 0, "a green meadow");
  await setSteps(page, 1);
  const keys: (string | undefined)[] = [];
  await page.route("**/api/v1/jobs", async (route) => {
    keys.push(route.request().headers()["idempotency-key"]);
    if (keys.length > 1) return route.continue();
    await route.fetch();
    await route.abort();
  });
  await generate(page);
  const jobs = await (await page.request.get("/api/v1/jobs")).json();
  expect(jobs.jobs.length).toBe(1);
  // Pressed again, it is another one.
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.locator(".history-entry")).toHaveCount(2);
  expect(keys[0]).toBeTruthy();
  expect(keys.map((key) => key === keys[0])).toEqual([true, true, false]);
  forgive(complaints, /ERR_FAILED/);
});

test("that the server did not answer is no news any more once it does", async ({ page, complaints }) => {
  await page.clock.install();
  await openStudio(page);
  await label(page, 0, "a green meadow");
  const status = page.locator(".status-text");
  await page.route("**/api/v1/jobs", (route) => route.abort());
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.getByTestId("failure")).toContainText("the server does not answer");
  // Of everything else it does.
  await expect(status).toHaveText(/ is ready$/);
  await page.route("**/api/v1/status", (route) => route.abort());
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(status).toHaveText("The server does not answer");
  await expect(page.getByTestId("failure")).toContainText("the server does not answer");
  // The page asks how it is.
  await page.unroute("**/api/v1/status");
  await page.clock.fastForward("00:03");
  await expect(status).toHaveText(/ is ready$/);
  await expect(page.getByTestId("failure")).toHaveCount(0);
  forgive(complaints, /ERR_FAILED/);
});

test("a generation that is cancelled while the server does not answer is cancelled once it does", async ({ page, complaints }) => {
  await openStudio(page);
  await label(page, 0, "a green meadow");
  await setSteps(page, 150);
  let asked = 0;
  await page.route("**/cancel", (route) => (asked++ ? route.continue() : route.abort()));
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(page.getByTestId("progress")).toHaveText("Cancelled");
  await expect(page.getByTestId("failure")).toHaveCount(0);
  expect(asked).toBe(2);
  forgive(complaints, /ERR_FAILED/);
});

test("what is allowed beyond a slider's end is typed, and kept", async ({ page }) => {
  await openStudio(page);
  await setSteps(page, 1000);
  await expect(exact(page, "Steps")).toHaveValue("150");
  await setSteps(page, 140);
  await exact(page, "Guidance").fill("30");
  await exact(page, "Guidance").blur();
  await expectKept(page, '"guidance_scale":30');
  await page.reload();
  await hydrated(page);
  await unfoldSettings(page);
  for (const [name, value, end] of [["Steps", "140", "100"], ["Guidance", "30", "20"]]) {
    await expect(exact(page, name)).toHaveValue(value);
    await expect(slider(page, name)).toHaveValue(end);
  }
});

test("a host that allows more pictures has a longer slider of them", async ({ page }) => {
  await page.route("**/api/v1/model", async (route) => {
    const model = await (await route.fetch()).json();
    await route.fulfill({ json: { ...model, limits: { ...model.limits, samples: 8 } } });
  });
  await openStudio(page);
  await expect(slider(page, "Samples")).toHaveAttribute("max", "8");
  await slider(page, "Samples").fill("7");
  await expect(exact(page, "Samples")).toHaveValue("7");
  await expectKept(page, '"samples":7');
  await page.reload();
  await hydrated(page);
  await expect(slider(page, "Samples")).toHaveValue("7");
});

test("undo by key works with the focus on a slider, and space moves the view rather than the page", async ({ page }) => {
  await openStudio(page);
  await take(page, "Rectangle");
  await drag(page, [0.1, 0.1], [0.5, 0.5]);
  await page.getByRole("slider", { name: "Brush size" }).focus();
  await page.keyboard.press("Control+z");
  await expectColor(page, [0.2, 0.2], colors[0]);
  await page.keyboard.press("Control+Shift+Z");
  await expectColor(page, [0.2, 0.2], colors[1]);
  await expectColor(page, [0.6, 0.3], colors[0]);
  await stage(page).focus();
  const scrolls = await page.evaluateHandle(() => {
    const [before, scrolls] = [window.scrollY, [] as number[]];
    window.addEventListener("scroll", () => window.scrollY !== before && scrolls.push(window.scrollY));
    return scrolls;
  });
  const [from, to] = await Promise.all([onScreen(page, [0.2, 0.3]), onScreen(page, [0.4, 0.3])]);
  await page.mouse.move(from.x, from.y);
  await page.keyboard.down("Space");
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 6 });
  await page.mouse.up();
  await page.keyboard.up("Space");
  await expectColor(page, [0.6, 0.3], colors[1]);
  expect(await scrolls.jsonValue()).toEqual([]);
});

test("the plain picture is the plain model's: no phrase belongs to a region", async ({ page }) => {
  await openStudio(page);
  await drawTwo(page);
  await setSteps(page, 1);
  await generate(page);
  const sent = jobRequest(page);
  await page.getByRole("button", { name: "Compare" }).click();
  const request = (await sent).postDataJSON();
  expect(request).toMatchObject({ prompt: "a green meadow , a dog , a red car", w_cross: 0, w_self: 0 });
  expect(request.regions.map((region: { text?: string }) => region.text ?? "")).toEqual(["", "", ""]);
  await expect(page.getByRole("dialog", { name: "Picture in full size" })).toBeVisible({ timeout: 60_000 });
});

test("a text that is dragged is the field's affair, a file the page's", async ({ page }) => {
  await openStudio(page);
  const taken = (kind: string) =>
    page.evaluate((kind) => {
      const dataTransfer = new DataTransfer();
      if (kind === "file") dataTransfer.items.add(new File(["{}"], "project.json"));
      else dataTransfer.setData("text/plain", "a dog");
      return !document.querySelector("main")!.dispatchEvent(
        new DragEvent("dragover", { bubbles: true, cancelable: true, dataTransfer }),
      );
    }, kind);
  expect([await taken("text"), await taken("file")]).toEqual([false, true]);
});

test("two tabs that draw in turn do not push out the drawing of a third", async ({ page, context }) => {
  await openStudio(page);
  await label(page, 1, "a castle");
  await expectKept(page, "a castle");
  const [second, third] = [await context.newPage(), await context.newPage()];
  for (const [tab, text] of [[second, "a boat"], [third, "a cloud"]] as const) {
    await openStudio(tab);
    await label(tab, 1, text);
    await expectKept(page, text);
  }
  await page.close();
  for (let turn = 0; turn < 10; turn++) {
    const [tab, text] = turn % 2 ? [second, `a boat ${turn}`] : [third, `a cloud ${turn}`];
    await label(tab, 1, text);
    await expectKept(tab, text);
  }
  const drawings = await keptDrawings(second);
  expect(drawings.some((drawing) => drawing.includes("a castle"))).toBe(true);
  expect(drawings.length).toBe(3);
  await second.reload();
  await hydrated(second);
  await expect(second.getByRole("combobox", { name: "Region 1: text" })).toHaveValue("a boat 9");
});

test("the drawing is kept while a polygon waits for its next corner", async ({ page }) => {
  await openStudio(page);
  await take(page, "Lasso");
  await click(page, [0.2, 0.2]);
  await click(page, [0.6, 0.2]);
  await label(page, 1, "a kite");
  await expectKept(page, "a kite");
});
