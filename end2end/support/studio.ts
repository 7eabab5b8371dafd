// The real server, started for tests on a free port.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Studio {
  url: string;
  stop(): Promise<void>;
}

const program =
  process.env.DENSE_DIFFUSION ?? fileURLToPath(new URL("../../target/debug/dense-diffusion", import.meta.url));

/** Starts `dense-diffusion serve` and waits until it says where it listens. */
export async function startStudio(): Promise<Studio> {
  const server = spawn(program, ["serve", "--addr", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  let complaints = "";
  server.stderr.on("data", (data) => (complaints += data));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(server.stdout).on("line", (line) => {
      const found = /http:\/\/\S+/.exec(line);
      if (found) resolve(found[0]);
    });
    server.once("error", (error) => reject(new Error(`${program}: ${error.message}`)));
    void ended.then(() => reject(new Error(`${program} ended before it listened: ${complaints}`)));
  });
  return {
    url,
    async stop() {
      server.kill("SIGTERM");
      await ended;
    },
  };
}
