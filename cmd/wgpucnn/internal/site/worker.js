// worker.js: runs the program wgpucnn, compiled for WebAssembly, in a worker. So the page stays free while the
// program computes.
//
// The page sends {run: [ARGUMENT...]}, {stop: true}, {put: PATH, bytes}, {get: PATH}, {list: PATH} or {remove: PATH},
// each with a number. The worker answers with this number. In between it sends {print: TEXT, to: 1 or 2}, and
// {picture, width, height} of a training.
"use strict";

importScripts("wasm_exec.js", "files.js");

const decoders = { 1: new TextDecoder(), 2: new TextDecoder() };
const files = new Files((to, bytes) => postMessage({ print: decoders[to].decode(bytes, { stream: true }), to }));
globalThis.fs = files.fs();
globalThis.process = files.process();
globalThis.wgpucnnShow = (picture, width, height) => postMessage({ picture, width, height }, [picture.buffer]);
globalThis.path = { resolve: (...paths) => files.resolve(...paths) };

// load compiles the program once and tells the page how much of it has come.
async function load() {
  const response = await fetch("wgpucnn.wasm");
  if (!response.ok) throw new Error(`wgpucnn.wasm: ${response.status} ${response.statusText}`);
  const whole = Number(response.headers.get("Content-Length"));
  let come = 0;
  const counted = response.body.pipeThrough(new TransformStream({
    transform(chunk, controller) {
      come += chunk.length;
      postMessage({ loaded: come, of: whole });
      controller.enqueue(chunk);
    },
  }));
  return WebAssembly.compileStreaming(new Response(counted, { headers: { "Content-Type": "application/wasm" } }));
}
const program = load();

// A device or a timer may call the program after its end. Nothing listens there, and nothing is lost.
const late = (event, error) => /Go program has already exited/.test(error?.message) && event.preventDefault();
addEventListener("error", (event) => late(event, event.error));
addEventListener("unhandledrejection", (event) => late(event, event.reason));

// run runs one command line and returns its exit status.
async function run(words) {
  const go = new Go();
  go.argv = ["wgpucnn", ...words];
  go.env = { HOME: "/home", TMPDIR: "/tmp", TERM: "dumb" };
  let status = 0;
  go.exit = (code) => { status = code; };
  for (const folder of [go.env.HOME, go.env.TMPDIR]) files.make(folder);
  await go.run(await WebAssembly.instantiate(await program, go.importObject));
  files.open.clear();
  return status;
}

// answers are what the worker does, by the word in the message.
const answers = {
  run: (m) => run(m.run),
  stop: () => globalThis.wgpucnnStop?.(),
  put: (m) => files.put(m.put, m.bytes),
  get: (m) => files.get(m.get),
  list: (m) => files.list(m.list),
  remove: (m) => files.remove(m.remove),
};

onmessage = async ({ data }) => {
  const word = Object.keys(answers).find((word) => word in data);
  try {
    const answer = await answers[word](data);
    postMessage({ number: data.number, answer }, answer instanceof Uint8Array ? [answer.buffer] : []);
  } catch (error) {
    postMessage({ number: data.number, error: String(error.message ?? error) });
  }
};

program.then(() => postMessage({ ready: true }), (error) => postMessage({ failed: String(error.message ?? error) }));
