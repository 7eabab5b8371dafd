import { expect, test } from "../support/test.js";

test("an address that leads nowhere gets a page that says so, with status 404", async ({ page, complaints }) => {
  const response = await page.goto("/no/such/page");
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is no such page");
  // The browser itself reports the 404.
  complaints.length = 0;
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
  const style = await request.get("/pkg/dense-diffusion.css");
  expect(style.headers()["content-type"]).toContain("text/css");
  expect(style.headers()["content-encoding"]).toMatch(/br|gzip/);
  expect(style.headers()["vary"]).toContain("accept-encoding");
  const again = await request.get("/pkg/dense-diffusion.css", {
    headers: { "if-modified-since": style.headers()["last-modified"] },
  });
  expect(again.status()).toBe(304);
});

test("what is no file of the site is not served", async ({ request }) => {
  for (const path of ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/pkg/", "/fonts/%2e%2e%2f%2e%2e%2fCargo.toml"]) {
    const response = await request.get(path);
    expect(response.status(), path).toBe(404);
  }
});
