import { copyFile, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { downloadPicture, openStudio } from "../support/drawing.js";
import { startStudio } from "../support/studio.js";
import { expect, forgive, test } from "../support/test.js";

const folder = fileURLToPath(new URL("../../public/examples/", import.meta.url));

test("every example is painted and kept in public/examples", async ({ browser, complaints }) => {
  test.setTimeout(900_000);
  const studio = await startStudio();
  await mkdir(folder, { recursive: true });
  const page = await (await browser.newContext({ baseURL: studio.url })).newPage();
  await openStudio(page);
  for (const paint of await page.getByRole("button", { name: /^Paint it: / }).all()) {
    const title = (await paint.getAttribute("aria-label"))!.replace("Paint it: ", "");
    await paint.click();
    await expect(page.getByRole("button", { name: "Generate", exact: true })).toBeHidden();
    await expect(page.getByTestId("progress")).toHaveText("Done", { timeout: 120_000 });
    const { path } = await downloadPicture(page);
    await copyFile(path, `${folder}${title.toLowerCase().replaceAll(" ", "-")}.png`);
  }
  await page.context().close();
  // README's picture of the studio.
  const readme = await (await browser.newContext({ baseURL: studio.url, viewport: { width: 1280, height: 860 } })).newPage();
  await openStudio(readme);
  await readme.getByRole("button", { name: "Paint it: Castle garden" }).click();
  await expect(readme.getByTestId("progress")).toHaveText("Done", { timeout: 120_000 });
  await readme.getByRole("button", { name: "Hide" }).click();
  await readme.mouse.move(0, 0);
  await readme.screenshot({ path: fileURLToPath(new URL("../../docs/studio.jpg", import.meta.url)), quality: 88 });
  await readme.context().close();
  await studio.stop();
  // Pictures that are not there yet.
  if (complaints.length > 0) forgive(complaints, /\b404\b/);
});
