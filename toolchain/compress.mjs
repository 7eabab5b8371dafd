// Writes FILE.br and FILE.gz beside every file of FOLDER that is worth it; the server sends those.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = process.argv[2];
// What the browser's program may take on its way, so that the first page comes soon.
const MOST_WASM = 350_000;
const worth = /\.(wasm|js|css|svg|html|txt|json)$/;

for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !worth.test(entry.name)) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  const bytes = readFileSync(path);
  const brotli = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      // Short distances have codes of their own: a program is made of short sequences that come again.
      [constants.BROTLI_PARAM_NDIRECT]: 15,
      [constants.BROTLI_PARAM_LGBLOCK]: 17,
    },
  });
  writeFileSync(`${path}.br`, brotli);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
  console.log(`${entry.name}: ${bytes.length} bytes, ${brotli.length} as brotli`);
  if (entry.name.endsWith(".wasm") && brotli.length > MOST_WASM) {
    console.error(`${entry.name} is too large: at most ${MOST_WASM} bytes as brotli`);
    process.exitCode = 1;
  }
}
