// What a first visitor does, and what the model that ships with the studio paints of it.
import {
  colors,
  downloadPicture,
  drawTwo,
  drop,
  expectColor,
  freshPage,
  generate,
  label,
  openStudio,
  setSteps,
} from "../support/drawing.js";
import { judge } from "../support/studio.js";
import { expect, hydrated, test } from "../support/test.js";

test.describe.configure({ mode: "default", timeout: 240_000 });

test("what is drawn and described is painted there, and its picture brings everything back", async ({
  page,
  browser,
}) => {
  await openStudio(page);
  await drawTwo(page);
  await label(page, 0, "a green meadow");
  await label(page, 1, "a penguin");
  await label(page, 2, "a castle");
  await page.getByRole("textbox", { name: "Seed" }).fill("4");
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.getByRole("img", { name: "Preview of picture 1" })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId("progress")).toHaveText("Done", { timeout: 120_000 });
  const { path, bytes } = await downloadPicture(page);
  const seen = (await judge(path)).map(({ text, in_region }) => [text, in_region]);
  expect(seen).toEqual([["a penguin", true], ["a castle", true]]);

  const fresh = await freshPage(browser);
  await drop(fresh, bytes, "picture.png", "image/png");
  await expect(fresh.getByRole("combobox", { name: "Background: text" })).toHaveValue("a green meadow");
  await expect(fresh.getByRole("combobox", { name: "Region 1: text" })).toHaveValue("a penguin");
  await expect(fresh.getByRole("combobox", { name: "Region 2: text" })).toHaveValue("a castle");
  await expectColor(fresh, [0.15, 0.5], colors[1]);
  await expectColor(fresh, [0.65, 0.4], colors[2]);
  await expect(fresh.getByRole("textbox", { name: "Seed" })).toHaveValue("4");
  await generate(fresh);
  expect((await downloadPicture(fresh)).bytes.equals(bytes), "the same picture").toBe(true);
  await fresh.context().close();
});

test("the regions' fields suggest what the model was shown", async ({ page }) => {
  await openStudio(page);
  for (const name of ["Background: text", "Region 1: text"]) {
    const list = await page.getByRole("combobox", { name }).getAttribute("list");
    const words = await page.locator(`#${list} option`).evaluateAll((all) => all.map((it) => (it as HTMLOptionElement).value));
    expect(words).toEqual(expect.arrayContaining(["a penguin", "a castle", "a sandy beach"]));
  }
});

test("one click leads from the start page to a picture", async ({ page }) => {
  await openStudio(page);
  await page.getByRole("button", { name: "Paint it: By the sea" }).click();
  await expect(page.getByRole("button", { name: "Picture 1 in full size" })).toBeVisible({ timeout: 120_000 });
  await expect(page.locator(".results")).toContainText("the beach, a red sailboat, a palm tree, a football");
  // Whoever wants another picture of it has only to press again.
  const first = (await downloadPicture(page)).bytes;
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.locator(".history-entry")).toHaveCount(2);
  await expect(page.getByTestId("progress")).toHaveText("Done", { timeout: 120_000 });
  expect((await downloadPicture(page)).bytes.equals(first), "the same picture").toBe(false);
});

test("the introduction is folded at the visit after something of one's own was painted, and then stays as one wants it", async ({ page }) => {
  await openStudio(page);
  const [body, fold] = [page.locator(".intro-body"), page.locator(".intro-head button")];
  await page.getByRole("button", { name: "Paint it: By the sea" }).click();
  await expect(page.getByTestId("progress")).toHaveText("Done", { timeout: 120_000 });
  // Whoever tries the examples has not done with them.
  await expect(body).toBeVisible();
  await setSteps(page, 1);
  await generate(page);
  // What one draws on stays where it is.
  await expect(body).toBeVisible();
  await page.reload();
  await hydrated(page);
  await expect(body).toBeHidden();
  await fold.click();
  await expect(body).toBeVisible();
  await generate(page);
  await expect(body).toBeVisible();
  await page.reload();
  await hydrated(page);
  await expect(body).toBeVisible();
  await expect(fold).toHaveText("Hide");
});
