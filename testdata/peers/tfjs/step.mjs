// Measures the lab's base step at batch 128 in TensorFlow.js's WebGPU backend and prints
// one line of JSON.
//
//   node step.mjs [--rounds 5] [--steps 1] [--warm 1] [--timeout 300] [--browser [CHROMIUM FLAG]...]
//
// It runs in Node on Dawn, Chromium's implementation of WebGPU, on the Vulkan adapter of
// VK_DRIVER_FILES. With --browser it runs in headless Chromium, which accepts GPUs and SwiftShader.
import { measure } from "./lab.mjs";
import { measureInBrowser } from "./browser.mjs";

const settings = { rounds: 5, steps: 1, warm: 1, timeout: 300 };
let flags;
for (let i = 2; i < process.argv.length; i++) {
  const name = process.argv[i].replace(/^--/, "");
  if (name === "browser") flags = process.argv.splice(i + 1);
  else if (name in settings && process.argv[i + 1] > 0) settings[name] = Number(process.argv[++i]);
  else fail(`unexpected ${process.argv[i]}: want --rounds, --steps, --warm or --timeout with a number, or --browser`, 2);
}

function fail(message, status = 1) {
  console.error(`tfjs: ${message}`);
  process.exit(status);
}

async function measureInNode() {
  const webgpu = await import("webgpu");
  Object.assign(globalThis, webgpu.globals);
  Object.defineProperty(globalThis, "navigator", { value: { gpu: webgpu.create([]) } });
  console.warn = () => {}; // TensorFlow.js recommends its Node package
  const tf = await import("@tensorflow/tfjs");
  await import("@tensorflow/tfjs-backend-webgpu");
  setTimeout(() => fail(`no result within ${settings.timeout} s`), 1000 * settings.timeout).unref();
  return measure(tf.default ?? tf, settings);
}

const result = await (flags ? measureInBrowser(settings, flags) : measureInNode()).catch((error) => ({ error: error.message }));
if (result.error) fail(result.error);
const round = (ms) => Math.round(1000 * ms) / 1000;
const sorted = [...result.ms].sort((a, b) => a - b);
const median = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
console.log(JSON.stringify({
  peer: "TF.js", host: flags ? "Chromium" : "Node", adapter: result.adapter, steps: settings.steps,
  median_ms: round(median), min_ms: round(sorted[0]), max_ms: round(sorted[sorted.length - 1]),
  ms: result.ms.map(round), first_ms: round(result.first_ms), first_loss: result.first_loss, last_loss: result.last_loss,
}));
process.exit(0);
