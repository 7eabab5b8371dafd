// Paints the pictures of the start page's examples and README's of the studio anew, with the embedded model: `npx playwright test -c examples.config.ts`
// with the environment of `cargo xtask test` (README.md).
import base from "./playwright.config.js";

export default { ...base, testDir: "examples", globalSetup: undefined };
