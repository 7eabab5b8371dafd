import { defineConfig, devices } from "@playwright/test";

// Without CHROMIUM, Playwright takes the browser that it installed itself.
const executablePath = process.env.CHROMIUM || undefined;

export default defineConfig({
  testDir: "tests",
  globalSetup: "./support/global-setup.ts",
  outputDir: "test-results",
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  workers: 2,
  // For machines that do much else at the same time.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    ...devices["Desktop Chrome"],
    // Recording takes as long as the test itself: `npx playwright test --trace on` does so.
    launchOptions: {
      executablePath,
      // No sandbox: tests run as root in CI. The rest keeps the browser from calling home.
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
