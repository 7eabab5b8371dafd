import axe from "axe-core";
import { expect, type Page } from "@playwright/test";

/** Fails with every rule of axe-core that the page breaks, and where. */
export async function expectAccessible(page: Page) {
  // Colours on their way from one to another are none that anybody reads.
  await page.evaluate(async () => {
    const transitions = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    await Promise.allSettled(transitions.map(({ finished }) => finished));
  });
  // Evaluated rather than added as a script, which the page's content policy would rightly refuse.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
}
