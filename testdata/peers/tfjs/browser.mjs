// Runs page.html in headless Chromium and returns the result that it posts.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const types = { ".html": "text/html", ".mjs": "text/javascript", ".js": "text/javascript" };

export async function measureInBrowser(settings, flags) {
  let done;
  const result = new Promise((resolve) => (done = resolve));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === "/result") {
      let body = "";
      request.on("data", (part) => (body += part)).on("end", () => done(JSON.parse(body)));
      return;
    }
    try {
      const body = readFileSync(join(here, pathname));
      response.writeHead(200, { "Content-Type": types[extname(pathname)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

  const profile = mkdtempSync(join(tmpdir(), "wgpucnn-tfjs-"));
  const browser = spawn(process.env.CHROMIUM ?? "chromium", [
    "--headless=new", "--no-first-run", `--user-data-dir=${profile}`,
    ...(process.getuid() === 0 ? ["--no-sandbox"] : []), // Chromium's sandbox refuses root
    "--enable-unsafe-webgpu", "--enable-webgpu-developer-features", ...flags,
    `http://127.0.0.1:${server.address().port}/page.html?${encodeURIComponent(JSON.stringify(settings))}`,
  ], { detached: true, stdio: process.env.PEERS_VERBOSE ? "inherit" : "ignore" });
  browser.on("error", (error) => done({ error: `${error.message}: install Chromium, or name it in CHROMIUM` }));
  browser.on("exit", (code) => done({ error: `the browser ended with status ${code}: PEERS_VERBOSE=1 shows its messages` }));
  const late = setTimeout(() => done({ error: `no result within ${settings.timeout} s` }), 1000 * settings.timeout);

  try {
    return await result;
  } finally {
    clearTimeout(late);
    server.close();
    server.closeAllConnections();
    try {
      process.kill(-browser.pid, "SIGKILL"); // the whole process group, with the renderer and the GPU process
      rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
    } catch {
      // the browser has ended already, or its temporary folder stays
    }
  }
}
