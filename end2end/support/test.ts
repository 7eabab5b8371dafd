// `test` as every file here uses it: pages of the studio that must not complain, in whichever browser context.
import { expect, test as base, type BrowserContext, type Page } from "@playwright/test";

interface Fixtures {
  /** Everything that went wrong in the browser so far; a test that expects some forgives it. */
  complaints: string[];
}

export const test = base.extend<Fixtures>({
  baseURL: async ({}, use) => {
    await use(process.env.STUDIO_URL);
  },
  complaints: [
    async ({ browser, context, javaScriptEnabled }, use) => {
      const complaints: string[] = [];
      const watch = (context: BrowserContext) => listen(context, complaints, javaScriptEnabled !== false);
      watch(context);
      browser.on("context", watch);
      await use(complaints);
      browser.off("context", watch);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

function listen(context: BrowserContext, complaints: string[], javaScriptEnabled: boolean) {
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => complaints.push(`exception: ${error.error()}`));
  context.on("requestfailed", (request) => {
    // A browser without JavaScript refuses the scripts that the page offers.
    if (!javaScriptEnabled && request.url().endsWith(".js")) return;
    const error = request.failure()?.errorText;
    // A page that is left gives up what is under way, as one does that closes its stream of events: that is no failure.
    if (error === "net::ERR_ABORTED") return;
    complaints.push(`${error}: ${request.url()}`);
  });
  context.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
}

/** Takes the complaints that a test brings about on purpose, of which there must be some; all others still fail it. */
export function forgive(complaints: string[], expected: RegExp) {
  const others = complaints.filter((complaint) => !expected.test(complaint));
  expect(complaints.length, `complaints like ${expected}`).toBeGreaterThan(others.length);
  complaints.splice(0, complaints.length, ...others);
}

/** Lets the requests to some addresses wait until what it returns is called. */
export async function hold(page: Page, url: string): Promise<() => void> {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(url, async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

/** Waits until the browser's code has taken over the page. */
export async function hydrated(page: Page) {
  await page.locator("body[data-hydrated]").waitFor();
}

export { expect };
