import { startStudio } from "./studio.js";

/** One server for all tests; its address reaches them as STUDIO_URL. */
export default async function globalSetup() {
  const studio = await startStudio();
  process.env.STUDIO_URL = studio.url;
  return () => studio.stop();
}
