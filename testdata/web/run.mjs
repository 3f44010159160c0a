// Runs a Go program that was built for GOOS=js GOARCH=wasm in Node, on the WebGPU of Dawn, which is
// Chromium's. VK_DRIVER_FILES chooses the Vulkan driver.
//
//   GOOS=js GOARCH=wasm go test -exec "node testdata/web/run.mjs" PACKAGE
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, globals } from "webgpu";

Object.assign(globalThis, globals);
Object.defineProperty(globalThis, "navigator", { value: { gpu: create([]) }, configurable: true });

// Dawn asks for the end of its work in each turn of the event loop. That takes a core from a driver that computes on
// the CPU. Here it asks every millisecond.
globalThis.setImmediate = (ask, ...args) => setTimeout(ask, 1, ...args);

const root = execFileSync("go", ["env", "GOROOT"], { encoding: "utf8" }).trim();
globalThis.require = createRequire(import.meta.url);
globalThis.fs = require("fs");
globalThis.path = require("path");
globalThis.crypto ??= require("crypto").webcrypto; // Node 18
require(join(root, "lib/wasm/wasm_exec.js"));

const go = new Go();
go.argv = process.argv.slice(2);
// wasm_exec.js has little room for the environment.
go.env = { TMPDIR: tmpdir(), PWD: process.cwd() };
for (const name in process.env) if (name.startsWith("WGPUCNN_")) go.env[name] = process.env[name];
go.exit = process.exit;
const { instance } = await WebAssembly.instantiate(fs.readFileSync(process.argv[2]), go.importObject);
process.on("exit", (code) => {
  if (code === 0 && !go.exited) {
    // Nothing can wake the program any more. Go prints where it waits.
    go._pendingEvent = { id: 0 };
    go._resume();
  }
});
await go.run(instance);
