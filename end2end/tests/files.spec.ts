// Pictures in and out: layout pictures that are looked at before they are opened, masks in an archive.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expectAccessible } from "../support/accessible.js";
import { drawTwo, expectColor, label, openStudio, stripes } from "../support/drawing.js";
import { expect, test } from "../support/test.js";

test.beforeEach(async ({ page }) => openStudio(page));

test("the tolerance decides which colours are one, and what it finds is seen at once", async ({ page }) => {
  // The two reds are 30 apart.
  const buffer = await stripes(page, "#ffffff", "#c80000", "#e60000", "#0000c8");
  await page.getByLabel("File to open").setInputFiles({ name: "layout.png", mimeType: "image/png", buffer });
  const tolerance = page.getByRole("slider", { name: "Tolerance" });
  const [found, colors] = [page.getByTestId("found"), page.getByRole("list", { name: "Colours found" }).getByRole("img")];
  await expect(found).toHaveText("4 regions found, the background among them.");
  await tolerance.fill("30");
  await expect(found).toHaveText("3 regions found, the background among them.");
  await expect(colors).toHaveCount(3);
  await tolerance.press("ArrowLeft");
  await expect(found).toHaveText("4 regions found, the background among them.");
  await expect(colors).toHaveCount(4);
  await tolerance.press("ArrowRight");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await expect(page.getByRole("combobox", { name: "Region 2: text" })).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Region 3: text" })).toHaveCount(0);
});

test("with too many colours it is told what to do, and a larger tolerance helps", async ({ page }) => {
  const shades = Array.from({ length: 40 }, (_, n) => `rgb(${100 + n}, 0, 0)`);
  const buffer = await stripes(page, "#ffffff", ...shades);
  await page.getByLabel("File to open").setInputFiles({ name: "layout.png", mimeType: "image/png", buffer });
  await page.getByRole("slider", { name: "Tolerance" }).fill("0");
  await expect(page.getByTestId("found")).toHaveText(/41 colours.*at most 32 regions.*raise the tolerance/);
  await expect(page.getByRole("button", { name: "Open", exact: true })).toBeDisabled();
  await page.getByRole("slider", { name: "Tolerance" }).fill("40");
  await expect(page.getByTestId("found")).toHaveText("2 regions found, the background among them.");
  await expect(page.getByRole("button", { name: "Open", exact: true })).toBeEnabled();
});

test("a layout picture is pasted from the clipboard", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const bytes = [...(await stripes(page, "#ffffff", "#c80000", "#0000c8"))];
  await page.evaluate(async (bytes) => {
    const picture = new Blob([new Uint8Array(bytes)], { type: "image/png" });
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
  }, bytes);
  await page.keyboard.press("Control+V");
  await expect(page.getByTestId("found")).toHaveText("3 regions found, the background among them.");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await expectColor(page, [0.4, 0.1], "#c80000");
  await expectColor(page, [0.9, 0.1], "#0000c8");
});

test("colours are taken as they stand in the file, whatever its profile makes of them", async ({ page }) => {
  const plain = await stripes(page, "#ffffff", "#c86432", "#408040");
  // After the header: brightness as light itself, not as screens have it.
  const gamma = Buffer.from("gAMA\0\0\0\0");
  gamma.writeUInt32BE(100_000, 4);
  const [length, checksum] = [4, crc32(gamma)].map((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  });
  const buffer = Buffer.concat([plain.subarray(0, 33), length, gamma, checksum, plain.subarray(33)]);
  await page.getByLabel("File to open").setInputFiles({ name: "layout.png", mimeType: "image/png", buffer });
  const found = page.getByRole("list", { name: "Colours found" }).getByRole("img");
  for (const color of ["#ffffff", "#c86432", "#408040"]) await expect(found.and(page.getByLabel(color))).toHaveCount(1);
});

test("the masks come in one archive, each named by its region", async ({ page }) => {
  await drawTwo(page);
  await label(page, 2, 'a "red" car / van');
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Masks" }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe("masks.zip");
  const masks = await unzipped(await download.path());
  expect(Object.keys(masks)).toEqual(["mask-00-a-green-meadow.png", "mask-01-a-dog.png", "mask-02-a-red-car-van.png"]);
  const places = [[0.5, 0.1], [0.15, 0.5], [0.65, 0.4]];
  const seen = await page.evaluate(
    async ({ masks, places }) => {
      const shades = async (base64: string) => {
        const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d", { willReadFrequently: true })!;
        context.drawImage(bitmap, 0, 0);
        return places.map(([x, y]) => context.getImageData(x * bitmap.width, y * bitmap.height, 1, 1).data[0]);
      };
      return Promise.all(Object.values(masks).map(shades));
    },
    { masks, places },
  );
  expect(seen).toEqual([[255, 0, 0], [0, 255, 0], [0, 0, 255]]);
});

/** The checksum of a chunk of a PNG. */
function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** The files of an archive in base64, by name; fails if their checksums are wrong. */
async function unzipped(path: string): Promise<Record<string, string>> {
  const script = `
import base64, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps({name: base64.b64encode(archive.read(name)).decode() for name in archive.namelist()}))`;
  const { stdout } = await promisify(execFile)(process.env.PYTHON ?? "python3", ["-c", script, path]);
  return JSON.parse(stdout);
}
