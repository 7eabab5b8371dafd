// Texts are shown as they are, whatever stands in them; and every control says what it does.
import type { Dialog, Page } from "@playwright/test";
import { drawTwo, drop, generate, label, openStudio, permalink, setSteps } from "../support/drawing.js";
import { expect, forgive, hydrated, test } from "../support/test.js";

test.describe.configure({ mode: "default", timeout: 120_000 });

// Short enough for the model's tokens.
const evil = "<img src=x onerror=alert(1)></script>";
const whole = `a green meadow , ${evil} , a red car!`;

test("no text becomes a part of the page", async ({ page, browser, complaints }) => {
  const dialogs: string[] = [];
  // The one that has a permalink is the studio's own.
  const note = (dialog: Dialog) => void (dialog.type() !== "prompt" && dialogs.push(dialog.message()));
  const clean = async (page: Page) =>
    expect(page.locator("img[src='x']")).toHaveCount(0);
  page.on("dialog", note);
  await openStudio(page);
  await drawTwo(page);
  await label(page, 1, evil);
  await expect(page.locator(".backdrop mark").nth(1)).toHaveText(evil);
  await page.getByRole("textbox", { name: "Full text" }).fill(whole);
  await setSteps(page, 2);
  await page.getByRole("textbox", { name: "Negative text" }).fill(`not ${evil}`);
  await clean(page);
  await generate(page);
  const readable = whole.replaceAll(" , ", ", ");
  await expect(page.locator(".results .caption").first()).toHaveText(readable);
  await expect(page.locator(".history-entry img")).toHaveAttribute("alt", readable);
  await page.getByRole("button", { name: "Picture 1 in full size" }).click();
  await expect(page.locator(".viewed img")).toHaveAttribute("alt", /<img src=x/);
  await clean(page);
  await page.keyboard.press("Escape");
  // The page as the server writes it, and as the browser takes it over.
  await page.reload();
  await hydrated(page);
  await expect(page.getByRole("combobox", { name: "Region 1: text" })).toHaveValue(evil);
  await clean(page);
  const link = await permalink(page);
  const other = await (await browser.newContext()).newPage();
  other.on("dialog", note);
  await other.goto(link);
  await hydrated(other);
  await expect(other.locator(".lead")).toHaveText(readable);
  await clean(other);
  await other.context().close();
  // What is told of files and of texts that do not fit.
  await drop(page, Buffer.from(`{"${evil}": 1}`), `${evil}.json`, "application/json");
  await expect(page.getByTestId("notice")).not.toBeEmpty();
  await clean(page);
  await page.getByRole("textbox", { name: "Full text" }).fill(`close to ${evil.replace("alert", "alarm")}`);
  await expect(page.locator("[data-region='1'] .wrong").first()).toContainText("img src=x onerror");
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.getByTestId("failure")).toBeVisible();
  await clean(page);
  forgive(complaints, /\b422\b/);
  expect(dialogs).toEqual([]);
});

test("every control of the studio says in one line what it does", async ({ page }) => {
  await openStudio(page);
  await drawTwo(page);
  await setSteps(page, 2);
  await page.getByRole("button", { name: "More about region 1" }).click();
  await generate(page);
  await page.getByRole("textbox", { name: "Full text" }).fill("a red car");
  await expect(page.getByRole("button", { name: "Add it to the text" }).first()).toBeVisible();
  // The tabs are named like the panels that they show; the name of a picture says what a press does.
  const named = ".tabs *, .picture, input[tabindex='-1']";
  const silent = await page.locator(".studio").evaluate((studio, named) => {
    const text = (ids: string | null) => (ids ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("");
    return [...studio.querySelectorAll("button, select, input, textarea, a[href]")]
      .filter((it) => !it.matches(named))
      .filter((it) => !(it.getAttribute("title") || text(it.getAttribute("aria-describedby")) || it.getAttribute("placeholder")))
      .map((it) => it.outerHTML);
  }, named);
  expect(silent).toEqual([]);
});
