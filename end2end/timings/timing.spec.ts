// What the browser's own program takes for an event, and for the frame after it, which paints what has changed: figures to
// read, in the test's output. No time fails a test.
import { drag, expectColor, openStudio, setSize, stage, take } from "../support/drawing.js";
import { expect, test } from "../support/test.js";

test("events on 1024 x 1024 pixels with 12 regions are timed", async ({ page }) => {
  test.setTimeout(120_000);
  await openStudio(page);
  await setSize(page, 1024);
  // Twelve regions in a grid, and a stroke of the last across all.
  await take(page, "Rectangle");
  for (let region = 0; region < 12; region++) {
    if (region > 0) await page.getByRole("button", { name: "Add region" }).click();
    const [x, y] = [(region % 4) / 4, Math.floor(region / 4) / 3];
    await drag(page, [x + 0.01, y + 0.01], [x + 0.24, y + 0.32]);
  }
  await take(page, "Brush");
  await expect(page.getByRole("combobox", { name: "Region 12: text" })).toBeVisible();

  const figures = await stage(page).evaluate(async (canvas) => {
    const frames: number[] = [];
    const ask = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (paint) =>
      ask((now) => {
        const start = performance.now();
        paint(now);
        frames.push(performance.now() - start);
      });
    const painted = () => new Promise((resolve) => ask(() => ask(resolve)));
    const box = canvas.getBoundingClientRect();
    const side = Math.min(box.width, box.height) - 32;
    const at = (kind: string, share: number, buttons: number) =>
      new PointerEvent(kind, {
        pointerId: 1,
        pointerType: "mouse",
        isPrimary: true,
        bubbles: true,
        cancelable: true,
        button: kind === "pointermove" ? -1 : 0,
        buttons,
        clientX: box.x + (box.width - side) / 2 + share * side,
        clientY: box.y + (box.height - side) / 2 + share * side,
      });
    const timed = (event: Event, target: EventTarget = canvas) => {
      const start = performance.now();
      target.dispatchEvent(event);
      return performance.now() - start;
    };
    const summary = (times: number[]) => {
      times.sort((a, b) => a - b);
      // The clock is coarse: single events are shorter than its steps, so that their median may be 0.
      const mean = times.reduce((sum, time) => sum + time) / times.length;
      return { mean, median: times[times.length >> 1], p95: times[Math.floor(times.length * 0.95)] };
    };
    const stroke = (shares: readonly number[]) => {
      timed(at("pointerdown", shares[0], 1));
      const times = shares.slice(1).map((share) => timed(at("pointermove", share, 1)));
      timed(at("pointerup", shares[shares.length - 1], 0));
      return times;
    };
    const key = (name: string) => new KeyboardEvent("keydown", { key: name, ctrlKey: true, bubbles: true });
    const there = Array.from({ length: 101 }, (_, n) => 0.1 + 0.008 * n);
    const across = [0.05, 0.95, 0.05, 0.95];
    // What the machine adds: work of always the same size, about an undo's, timed among the rest.
    const counting = "the same counting every time";
    const count = () => {
      const start = performance.now();
      let sum = 0;
      for (let n = 0; n < 500_000; n++) sum = (sum + n) | 0;
      return performance.now() - start + (sum & 0);
    };
    const events: Record<string, number[]> = {
      "pointer event": [],
      "pointer event across the map": [],
      undo: [],
      [counting]: [],
    };
    const after: Record<string, number[]> = {};
    const measure = async (what: string, times: () => number[]) => {
      frames.length = 0;
      events[what].push(...times());
      await painted();
      (after[`frame after ${what}`] ??= []).push(...frames);
    };
    for (let round = 0; round < 20; round++)
      for (const [what, shares] of [["pointer event", there], ["pointer event across the map", across]] as const) {
        await measure(what, () => stroke(shares));
        await measure("undo", () => [timed(key("z"), document.body)]);
        events[counting].push(count());
      }
    // What is left on the map at the end.
    stroke(there);
    const all = Object.entries({ ...events, ...after });
    return Object.fromEntries(all.map(([what, times]) => [what, summary(times)]));
  });
  for (const [what, { mean, median, p95 }] of Object.entries(figures)) {
    const said = `${what}: mean ${mean.toFixed(2)}, median ${median.toFixed(1)}, 95 % under ${p95.toFixed(1)} ms`;
    test.info().annotations.push({ type: "timing", description: said });
    console.log(said);
  }
  // What was timed has painted.
  await expectColor(page, [0.52, 0.52], "#772233");
});

test("the tolerance of a layout picture of 1024 x 1024 pixels is timed", async ({ page }) => {
  await openStudio(page);
  // Discs with the soft edges that browsers draw: a thousand shades beside the twelve colours.
  const bytes = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(1024, 1024);
    const context = canvas.getContext("2d")!;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, 1024, 1024);
    for (let region = 0; region < 12; region++) {
      context.fillStyle = `hsl(${30 * region} 80% ${30 + 3 * region}%)`;
      context.beginPath();
      context.arc(128 + 256 * (region % 4), 170 + 340 * Math.floor(region / 4), 110, 0, 7);
      context.fill();
    }
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  });
  await page.getByLabel("File to open").setInputFiles({ name: "layout.png", mimeType: "image/png", buffer: Buffer.from(bytes) });
  await expect(page.getByTestId("found")).toHaveText("13 regions found, the background among them.");
  const times = await page.getByRole("slider", { name: "Tolerance" }).evaluate(async (slider: HTMLInputElement) => {
    const times: number[] = [];
    for (let round = 0; round < 40; round++) {
      const start = performance.now();
      slider.value = String(20 + (round % 20));
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      // What follows from it is done before the browser's next task.
      await new Promise<void>((resolve) => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve();
        channel.port2.postMessage(null);
      });
      times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b);
  });
  const mean = times.reduce((sum, time) => sum + time) / times.length;
  const said = `tolerance: mean ${mean.toFixed(1)}, median ${times[20].toFixed(1)}, 95 % under ${times[38].toFixed(1)} ms`;
  test.info().annotations.push({ type: "timing", description: said });
  console.log(said);
  await expect(page.getByRole("slider", { name: "Tolerance" })).toHaveValue("39");
});
