// Pictures are painted: followed, cancelled, kept, shared, refused.
import {
  beginWithTwo,
  deleteShown,
  downloadPicture,
  drawTwo,
  freshPage,
  generate,
  jobRequest,
  label,
  permalink,
  setSteps,
} from "../support/drawing.js";
import { judge } from "../support/studio.js";
import { expect, forgive, hydrated, test } from "../support/test.js";

beginWithTwo();

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
  const sent = jobRequest(page);
  await page.getByRole("combobox", { name: "Sampler" }).selectOption("DPM++ 2M");
  await page.getByRole("combobox", { name: "Schedule type" }).selectOption("Karras");
  await expect(page.getByRole("slider", { name: "Eta" })).toHaveCount(0);
  await generate(page);
  expect((await sent).postDataJSON()).toMatchObject({ scheduler: "dpmpp_2m", karras: true });

  const next = jobRequest(page);
  await page.getByRole("combobox", { name: "Sampler" }).selectOption("DDIM");
  await expect(page.getByRole("combobox", { name: "Schedule type" })).toHaveCount(0);
  await page.getByRole("spinbutton", { name: "Eta, exact" }).fill("0.5");
  await generate(page);
  const request = (await next).postDataJSON();
  expect(request).toMatchObject({ scheduler: "ddim", eta: 0.5 });
  expect(request.karras).toBeUndefined();
});
