import { expect, forgive, hydrated, test } from "../support/test.js";

test("the HTML tells all that a reader without scripts wants to know", async ({ request }) => {
  const html = await (await request.get("/")).text();
  expect(html).toContain("<title>DenseDiffusion</title>");
  expect(html).toMatch(/<meta name="description" content="[^"]{40,}"/);
  expect(html).toContain("paints each thing where you drew it");
  expect(html).toMatch(/<noscript>.*Drawing needs JavaScript/s);
  const pictures = [...html.matchAll(/<img[^>]* src="(\/examples\/[^"]+)"/g)].map(([, path]) => path);
  expect(pictures.length).toBeGreaterThanOrEqual(6);
  for (const path of pictures) expect((await request.get(path)).headers()["content-type"], path).toBe("image/png");
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the page says what the studio is and how the server does", async ({ page }) => {
    await page.goto("/");
    await expect(page).toHaveTitle("DenseDiffusion");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Draw where. Say what.");
    await expect(page.getByRole("listitem").filter({ hasText: "Sketch" })).toBeVisible();
    await expect(page.getByRole("img", { name: "Layout: By the sea" })).toBeVisible();
    await expect(page.getByRole("img", { name: "Painted: By the sea" })).toHaveJSProperty("complete", true);
    await expect(page.getByRole("button")).toHaveCount(8);
    await expect(page.getByRole("heading", { name: "By the sea" })).toBeVisible();
    await expect(page.locator(".status")).toContainText("is ready");
  });
});

test("the browser's code takes over the page", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  await expect(page.locator(".status")).toContainText("is ready");
});

test("the status line tells when the server stops answering, and when it answers again", async ({
  page,
  complaints,
}) => {
  await page.clock.install();
  await page.goto("/");
  await hydrated(page);
  await page.route("**/api/v1/status", (route) => route.abort());
  await page.clock.fastForward("00:11");
  await expect(page.locator(".status")).toHaveText("The server does not answer");
  await page.unroute("**/api/v1/status");
  await page.clock.fastForward("00:11");
  await expect(page.locator(".status")).toContainText("is ready");
  forgive(complaints, /net::ERR_FAILED/);
});
