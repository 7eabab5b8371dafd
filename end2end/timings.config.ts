// Times the browser's own program, the figures of BENCHMARKS.md: `npx playwright test -c timings.config.ts` with the environment of
// `cargo xtask test` (README.md).
import base from "./playwright.config.js";

export default { ...base, testDir: "timings", workers: 1 };
