// Pens, and pointers that are faster than the screen.
import { colors, expectColor, onScreen, openStudio, stage, type Place } from "../support/drawing.js";
import { expect, test } from "../support/test.js";

test.beforeEach(async ({ page }) => openStudio(page));

test("a pen that is pressed harder draws a broader stroke", async ({ page }) => {
  const client = await page.context().newCDPSession(page);
  const stroke = async (force: number, ...places: Place[]) => {
    const send = async (type: "mousePressed" | "mouseMoved" | "mouseReleased", place: Place, buttons: number) => {
      const pen = { pointerType: "pen", force: buttons ? force : 0 } as const;
      const button = type === "mouseMoved" ? "none" : "left";
      await client.send("Input.dispatchMouseEvent", { type, ...(await onScreen(page, place)), button, buttons, clickCount: 1, ...pen });
    };
    await send("mousePressed", places[0], 1);
    for (const place of places) await send("mouseMoved", place, 1);
    await send("mouseReleased", places[places.length - 1], 0);
  };
  await stroke(0.2, [0.2, 0.3], [0.5, 0.3], [0.8, 0.3]);
  await stroke(1, [0.2, 0.7], [0.5, 0.7], [0.8, 0.7]);
  for (const y of [0.3, 0.7]) await expectColor(page, [0.6, y], colors[1]);
  // The brush is 48 of the map's 512 pixels wide: 0.03 of the side is within it only at full pressure.
  await expectColor(page, [0.6, 0.33], colors[0]);
  await expectColor(page, [0.6, 0.73], colors[1]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expectColor(page, [0.6, 0.7], colors[0]);
  await expectColor(page, [0.6, 0.3], colors[1]);
});

test("where a pointer was between two events is drawn, with the pressure that it had there", async ({ page }) => {
  const at = (pressure: number, ...places: Place[]) => places.map((place) => ({ place, pressure }));
  // Down, across and up again, all in one event; across with little pressure.
  const way = [...at(1, [0.2, 0.4]), ...at(0.25, [0.2, 0.8], [0.8, 0.8]), ...at(1, [0.8, 0.4], [0.8, 0.2])];
  await stage(page).evaluate(
    (canvas, { start, way }) => {
      // Measured here, in the moment of the events: a page that is still moving would let a thin stroke miss its place.
      const box = canvas.getBoundingClientRect();
      const side = Math.min(box.width, box.height) - 32;
      const event = (kind: string, { place: [x, y], pressure }: (typeof way)[0], coalescedEvents: PointerEvent[] = []) => {
        const pen = { pointerId: 7, pointerType: "pen", isPrimary: true, buttons: kind === "pointerup" ? 0 : 1 };
        const clientX = box.x + (box.width - side) / 2 + x * side;
        const clientY = box.y + (box.height - side) / 2 + y * side;
        return new PointerEvent(kind, { ...pen, clientX, clientY, pressure, bubbles: true, cancelable: true, coalescedEvents });
      };
      const last = way[way.length - 1];
      canvas.dispatchEvent(event("pointerdown", start));
      canvas.dispatchEvent(event("pointermove", last, way.map((place) => event("pointermove", place))));
      canvas.dispatchEvent(event("pointerup", last));
    },
    { start: at(1, [0.2, 0.2])[0], way },
  );
  for (const place of [[0.2, 0.6], [0.4, 0.8], [0.8, 0.6]] as Place[]) await expectColor(page, place, colors[1]);
  // No short cut from the first place to the last.
  await expectColor(page, [0.5, 0.2], colors[0]);
  await expectColor(page, [0.23, 0.3], colors[1]);
  await expectColor(page, [0.4, 0.83], colors[0]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expectColor(page, [0.2, 0.6], colors[0]);
  await expect(page.getByRole("button", { name: "Undo" })).toBeDisabled();
});
