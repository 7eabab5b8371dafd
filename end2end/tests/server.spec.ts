import type { APIRequestContext } from "@playwright/test";

import { expect, forgive, test } from "../support/test.js";

/** Where the page's styles lie: in a folder named by its content. */
async function stylePath(request: APIRequestContext): Promise<string> {
  const html = await (await request.get("/")).text();
  return /href="(\/pkg\/[0-9a-f]{16}\/[^"]+\.css)"/.exec(html)?.[1] ?? "none in the page";
}

test("an address that leads nowhere gets a page that says so, with status 404", async ({ page, complaints }) => {
  const response = await page.goto("/no/such/page");
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is no such page");
  // The browser itself reports the 404.
  forgive(complaints, /\b404\b/);
  await page.getByRole("link", { name: "To the start page" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Draw where. Say what.");
});

test("the server says that it is well", async ({ request }) => {
  const response = await request.get("/healthz");
  expect(response.status()).toBe(200);
  expect(await response.text()).toBe("ok");
});

test("a page allows the scripts that carry its nonce, and no others inline", async ({ request }) => {
  const response = await request.get("/");
  const policy = response.headers()["content-security-policy"];
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
  expect(nonce).toBeTruthy();
  expect(policy).not.toContain("unsafe-inline");
  const scripts = [...(await response.text()).matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag);
  expect(scripts.length).toBeGreaterThan(0);
  for (const tag of scripts) expect(tag).toContain(`nonce="${nonce}"`);
  const again = await request.get("/");
  expect(again.headers()["content-security-policy"]).not.toBe(policy);
});

test("files come compressed, and not again while they stay the same", async ({ request }) => {
  const path = await stylePath(request);
  for (const [file, type] of [[path, "text/css"], [path.replace(/css$/, "wasm"), "application/wasm"]]) {
    const response = await request.get(file);
    expect(response.headers()["content-type"]).toContain(type);
    expect(response.headers()["content-encoding"], file).toMatch(/br|gzip/);
    expect(response.headers()["vary"]).toContain("accept-encoding");
    const again = await request.get(file, { headers: { "if-modified-since": response.headers()["last-modified"] } });
    expect(again.status()).toBe(304);
  }
});

test("the program is kept for ever, the page is asked for again", async ({ request }) => {
  const path = await stylePath(request);
  for (const file of [path, path.replace(/css$/, "js"), path.replace(/css$/, "wasm")]) {
    const response = await request.get(file);
    expect(response.status(), file).toBe(200);
    expect(response.headers()["cache-control"], file).toBe("public, max-age=31536000, immutable");
  }
  for (const other of ["/", "/favicon.svg", path.replace(/[^/]+$/, "none.js")]) {
    expect((await request.get(other)).headers()["cache-control"], other).toBe("no-cache");
  }
});
