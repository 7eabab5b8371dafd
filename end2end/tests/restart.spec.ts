import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawTwo, openStudio, setSteps } from "../support/drawing.js";
import { startStudio } from "../support/studio.js";
import { expect, forgive, hydrated, test } from "../support/test.js";

test.setTimeout(120_000);

test("a restarted server takes up what was being painted, and the page that waited shows it", async ({
  page,
  complaints,
}) => {
  const data = await mkdtemp(join(tmpdir(), "studio-"));
  const first = await startStudio({ data });
  await openStudio(page, first.url);
  await drawTwo(page);
  await setSteps(page, 30);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.getByTestId("progress")).toHaveText(/^Step \d+ of 30/, { timeout: 30_000 });
  await first.stop();
  await expect(page.getByTestId("progress")).toHaveText("The server does not answer; trying again …");
  const second = await startStudio({ data, address: new URL(first.url).host });
  await expect(page.getByTestId("progress")).toHaveText("Done", { timeout: 60_000 });
  await expect(page.getByRole("button", { name: "Picture 1 in full size" })).toBeVisible();
  expect(await second.steps()).toBeGreaterThan(0);
  // The drawing has outlived it, too.
  await page.reload();
  await hydrated(page);
  await expect(page.getByRole("combobox", { name: "Region 2: text" })).toHaveValue("a red car");
  await page.goto("about:blank");
  await second.stop();
  await rm(data, { recursive: true });
  // While there was no server, if the page asked in that moment.
  if (complaints.length > 0) forgive(complaints, /ERR_(CONNECTION_REFUSED|EMPTY_RESPONSE|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING)|\b50[0-9]\b/);
});
