// The real server, started for tests on a free port, with a data folder of its own and the embedded model.
import { execFile, spawn } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export interface Studio {
  url: string;
  /** How many denoising steps it has taken, of all generations. */
  steps(): Promise<number>;
  stop(): Promise<void>;
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
export const program = process.env.DENSE_DIFFUSION ?? path("../../target/debug/dense-diffusion");

/** The model that ships with the studio: pictures of 256 pixels, a few hundredths of a second for a step. */
const embedded = path("../../models/scenes");

/** Puts a checkpoint of random weights into `folder` that says of itself that it paints 512 pixels, as published ones do. */
export async function published(folder: string): Promise<string> {
  await cp(path("../../fixtures/checkpoints/sd1"), folder, { recursive: true });
  await writeFile(join(folder, "defaults.json"), JSON.stringify({ width: 512, height: 512 }));
  return folder;
}

/** What looks at its pictures. */
export const evaluator = path("../../models/scenes-evaluator");

interface Start {
  /** A folder that outlives the server. */
  data?: string;
  /** What it paints with. */
  checkpoint?: string;
  /** Where it listens. */
  address?: string;
}

/** Starts `dense-diffusion serve` and waits until it says where it listens. */
export async function startStudio({ data, checkpoint = embedded, address = "127.0.0.1:0" }: Start = {}): Promise<Studio> {
  const folder = data ?? (await mkdtemp(join(tmpdir(), "studio-")));
  const addresses = ["--addr", address, "--metrics-addr", "127.0.0.1:0"];
  const graphs = ["--graph-cache", join(folder, "graphs")];
  // What waits and what runs must not depend on what else the machine does.
  const flags = ["serve", "--together", "1", ...addresses, "--model", checkpoint, "--data", folder, "--device", "cpu", ...graphs];
  const server = spawn(program, flags, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  let complaints = "";
  server.stderr.on("data", (data) => (complaints += data));
  const [url, metrics] = await new Promise<string[]>((resolve, reject) => {
    const told: string[] = [];
    createInterface(server.stdout).on("line", (line) => {
      const found = /http:\/\/\S+/.exec(line);
      if (found && told.push(found[0]) === 2) resolve(told);
    });
    server.once("error", (error) => reject(new Error(`${program}: ${error.message}`)));
    void ended.then(() => reject(new Error(`${program} ended before it listened: ${complaints}`)));
  });
  // It listens before it has opened the model. This address does not count against the limit of requests.
  while (!(await fetch(`${url}/readyz`)).ok) await new Promise(setImmediate);
  return {
    url,
    async steps() {
      const told = await (await fetch(metrics)).text();
      return Number(/^dense_diffusion_step_seconds_count (\d+)$/m.exec(told)![1]);
    },
    async stop() {
      server.kill("SIGTERM");
      await ended;
      if (!data) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What the evaluator sees of a region's object. */
export interface Verdict {
  region: number;
  text: string;
  there: boolean;
  in_region: boolean;
  iou: number;
}

/** What the evaluator sees in a picture's file: a verdict for each region that names an object. */
export async function judge(picture: string): Promise<Verdict[]> {
  const { stdout } = await promisify(execFile)(program, ["judge", picture, "--evaluator", evaluator]);
  return stdout.trim().split("\n").map((line) => JSON.parse(line));
}
