// The page at the sizes of window that people have.
import type { Locator, Page } from "@playwright/test";
import { hydrated } from "./test.js";

export const laptop = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

/** The start page as it comes, not scrolled. */
export async function arrive(page: Page, size: { width: number; height: number }) {
  await page.setViewportSize(size);
  await page.goto("/");
  await hydrated(page);
}

export const scrolled = (page: Page) => page.evaluate(() => window.scrollY);

export const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: true });

export const box = async (it: Locator) => (await it.boundingBox())!;

/** Whether a press in the element's middle reaches it: it is in the window, and nothing lies above it. */
export const isReached = (it: Locator) =>
  it.evaluate((it) => {
    const { x, y, width, height } = it.getBoundingClientRect();
    return it.contains(document.elementFromPoint(x + width / 2, y + height / 2));
  });

type Box = { x: number; y: number; width: number; height: number };

/** Whether two boxes have nothing in common. */
export const apart = (a: Box, b: Box) =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
