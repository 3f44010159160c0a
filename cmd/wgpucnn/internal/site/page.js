// page.js: the page. It asks the worker to run command lines of wgpucnn, and shows what they print and leave.
"use strict";

const $ = (id) => document.getElementById(id);
const worker = new Worker("worker.js");
const waiting = new Map(); // questions to the worker, by number
let number = 0;
let print = () => {}; // gets what the running command prints: the text, and 1 or 2
let running = false;
let trained = false; // there is a run

// ask sends the worker a question and returns its answer.
function ask(question, transfer = []) {
  return new Promise((resolve, reject) => {
    waiting.set(++number, { resolve, reject });
    worker.postMessage({ ...question, number }, transfer);
  });
}

worker.onmessage = ({ data }) => {
  if ("print" in data) print(data.print, data.to);
  else if ("picture" in data) draw(data);
  else if ("loaded" in data) showLoading(data);
  else if (data.ready) begin();
  else if (data.failed) say(`The program could not be loaded: ${data.failed}`, true);
  else if (waiting.has(data.number)) {
    const { resolve, reject } = waiting.get(data.number);
    waiting.delete(data.number);
    if ("error" in data) reject(new Error(data.error));
    else resolve(data.answer);
  }
};
worker.onerror = (event) => say(`The program broke: ${event.message ?? "its worker ended"}. Reload the page.`, true);

function say(text, bad = false) {
  $("state").textContent = text;
  $("state").classList.toggle("bad", bad);
}

function showLoading({ loaded, of }) {
  $("loaded").value = of > 0 ? Math.min(1, loaded / of) : 0;
  say(`Loading the program … ${(loaded / 2 ** 20).toFixed(1)} MiB`);
}

// advice says what to do in a browser that has no WebGPU.
function advice() {
  const agent = navigator.userAgent;
  if (!window.isSecureContext) return "This page is not secure. Open it by https, or from this machine by http://127.0.0.1.";
  if (/Firefox/.test(agent)) return "This Firefox has no WebGPU. Take Firefox 141 or later on Windows, 145 or later on a Mac, or Chrome or Edge.";
  if (/Safari/.test(agent) && !/Chrom/.test(agent)) return "This Safari has no WebGPU. Take Safari 26 or later, or Chrome.";
  if (/Chrom/.test(agent) && /Linux/.test(agent)) return "This Chrome offers no WebGPU. Start it with --enable-unsafe-webgpu --enable-features=Vulkan, and look at chrome://gpu.";
  return "This browser offers no WebGPU. Take Chrome or Edge 113 or later, Safari 26 or later, or Firefox 141 or later.";
}

// begin shows the adapter once the program is there.
async function begin() {
  $("loaded").hidden = true;
  if (!(await navigator.gpu?.requestAdapter())) {
    say(advice(), true);
    return;
  }
  const { status, text } = await command(["devices"]);
  if (status !== 0) {
    say(lastLine(text), true);
    return;
  }
  $("adapter").textContent = text;
  $("main").hidden = false;
  say("Ready.");
}

const lastLine = (text) => text.trimEnd().split("\n").pop();

// command runs a command line. to gets the text as it comes; the whole text is in the result.
async function command(words, to = () => {}) {
  if (running) throw new Error("a command runs already");
  running = true;
  let text = "";
  print = (part, where) => {
    text += part;
    to(part, where);
  };
  for (const id of ["start", "verify", "bench"]) $(id).disabled = true;
  $("resume").disabled = true;
  $("stop").disabled = false;
  try {
    return { status: await ask({ run: words }), text };
  } finally {
    running = false;
    for (const id of ["start", "verify", "bench"]) $(id).disabled = false;
    $("stop").disabled = true;
    $("resume").disabled = !trained;
  }
}

// words splits a text as a shell does, with '...' and "..." around a word that has spaces.
function words(text) {
  return [...text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3]);
}

const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`);

// own tells whether the visitor wants to train on pictures of their own.
const own = () => document.querySelector("input[name=data]:checked").value === "own";

// rows returns the lines of what a program printed. A \r begins a line anew.
const rows = (text) => text.split("\n").map((row) => row.slice(row.lastIndexOf("\r") + 1));

// trainCommand returns the command line of the form.
function trainCommand() {
  const line = ["train"];
  if (own()) {
    const archive = $("archive").files[0];
    line.push("--data", archive ? `/data/${archive.name}` : "/data/pictures");
    if (![...$("folder").files].some((file) => /^[^/]*\/test\//.test(file.webkitRelativePath))) line.push("--split", $("split").value);
  }
  if ($("recipe").value !== "lab") line.push("--recipe", $("recipe").value);
  if ($("net").value !== "lab") line.push("--net", $("net").value === "text" ? $("text").value : $("net").value);
  line.push("--epochs", $("epochs").value, "--batch", $("batch").value);
  if ($("lr").value.trim() !== "") line.push("--lr", $("lr").value.trim());
  return [...line, "--seed", $("seed").value, ...words($("more").value)];
}

function showCommand() {
  $("own").hidden = !own();
  $("text-label").hidden = $("net").value !== "text";
  $("command").textContent = ["wgpucnn", ...trainCommand()].map(quoted).join(" ");
}
$("settings").addEventListener("input", showCommand);
showCommand();

// give copies the visitor's pictures into the worker's files.
async function give() {
  if (!own()) return;
  const archive = $("archive").files[0];
  const list = archive ? [[`/data/${archive.name}`, archive]] : [...$("folder").files].map((file) => [
    `/data/pictures/${file.webkitRelativePath.split("/").slice(1).join("/")}`, file]);
  if (list.length === 0) throw new Error("choose a folder or an archive first");
  await ask({ remove: "/data" }).catch(() => {});
  for (const [path, file] of list) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    await ask({ put: path, bytes }, [bytes.buffer]);
  }
}

// train runs a training and shows it.
async function train(line) {
  $("output").textContent = "";
  $("output").hidden = false;
  $("live").hidden = false;
  $("view").getContext("2d").clearRect(0, 0, $("view").width, $("view").height);
  $("results").hidden = true;
  $("downloads").replaceChildren();
  let text = "", status;
  try {
    ({ status } = await command([...line, "--window"], (part) => {
      text += part;
      const shown = rows(text.slice(-200_000));
      $("progress").textContent = shown.findLast((row) => row.trim() !== "") ?? "";
      $("output").textContent = shown.join("\n");
      $("output").scrollTop = $("output").scrollHeight;
    }));
  } catch (error) {
    say(error.message, true);
    return;
  }
  await showRun();
  say(status === 0 ? "The training is done." : `The training ended: ${lastLine(text)}`, status !== 0 && status !== 130);
}

$("settings").addEventListener("submit", async (event) => {
  event.preventDefault();
  say("Training …");
  try {
    await give();
    await ask({ remove: "/run" }).catch(() => {});
  } catch (error) {
    say(error.message, true);
    return;
  }
  train([...trainCommand(), "--out", "/run"]);
});
$("stop").addEventListener("click", () => ask({ stop: true }));
$("resume").addEventListener("click", () => {
  say("Training goes on …");
  train(["train", "--resume", "/run", "--epochs", $("epochs").value]);
});

// draw shows a picture of the training.
function draw({ picture, width, height }) {
  const canvas = $("view");
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(new ImageData(picture, width, height), 0, 0);
}

// showRun lists the files of the run to save.
async function showRun() {
  const list = await ask({ list: "/run" }).catch(() => []);
  trained = list.includes("/run/config.json");
  $("resume").disabled = !trained || running;
  $("picture").disabled = !list.some((path) => path.endsWith("model.safetensors"));
  const wanted = /\/(report\.html|summary\.md|model\.safetensors|model\.onnx|metrics\.csv|report\.txt|curves\.png)$/;
  const items = list.filter((path) => wanted.test(path) && !path.startsWith("/run/best/")).map((path) => link(path, path.slice("/run/".length)));
  $("downloads").replaceChildren(...items);
  $("results").hidden = items.length === 0;
  await showReport(list.includes("/run/report.html"));
}

// showReport shows the report of the run in a frame, which is loaded anew for each.
async function showReport(there) {
  const frame = $("page");
  frame.hidden = !there;
  if (!there) return;
  const text = new TextDecoder().decode(await ask({ get: "/run/report.html" }));
  frame.onload = () => {
    frame.onload = null;
    frame.contentWindow.postMessage(text, "*"); // the frame is in a sandbox and has no origin
  };
  frame.src = "view.html";
}

// link returns an item of a list that saves a file of the worker.
function link(path, name) {
  const item = document.createElement("li");
  const button = document.createElement("a");
  button.href = "#";
  button.textContent = name;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    save(await ask({ get: path }), name.replaceAll("/", "-"));
  });
  item.append(button);
  return item;
}

function save(bytes, name) {
  const url = URL.createObjectURL(new Blob([bytes]));
  const anchor = Object.assign(document.createElement("a"), { href: url, download: name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// classify shows what the model thinks of a picture.
async function classify(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const path = `/data-to-classify/${file.name.replaceAll("/", "_")}`;
  await ask({ put: path, bytes }, [bytes.buffer]);
  $("shown").src = URL.createObjectURL(file);
  $("shown").alt = file.name;
  $("shown").hidden = false;
  $("answer").hidden = false;
  const given = await ask({ list: "/model" }).catch(() => []);
  try {
    const { text } = await command(["predict", given[0] ?? "/run/best/model.safetensors", path]);
    $("answer").textContent = text;
  } catch (error) {
    $("answer").textContent = error.message;
  }
}

$("picture").addEventListener("change", () => $("picture").files[0] && classify($("picture").files[0]));
$("model").addEventListener("change", async () => {
  const file = $("model").files[0];
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  await ask({ remove: "/model" }).catch(() => {});
  await ask({ put: `/model/${file.name}`, bytes }, [bytes.buffer]);
  $("picture").disabled = false;
});
for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  $("drop").addEventListener(name, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", over);
    const file = name === "drop" && event.dataTransfer.files[0];
    if (file && !$("picture").disabled) classify(file);
  });
}

// prove runs verify or bench, and offers its report.
async function prove(line, path) {
  $("report").hidden = false;
  $("report").textContent = "";
  let text = "";
  try {
    const { status } = await command(line, (part) => {
      text += part;
      $("report").textContent = rows(text).join("\n");
      $("report").scrollTop = $("report").scrollHeight;
    });
    say(status === 0 ? `${line[0]} is done.` : `${line[0]}: ${lastLine(text)}`, status !== 0);
  } catch (error) {
    say(error.message, true);
  }
  const there = await ask({ list: path }).catch(() => []);
  if (there.length > 0) $("reports").replaceChildren(link(path, path.slice(1)));
}
$("verify").addEventListener("click", () => {
  const parts = $("parts").value.trim();
  prove(["verify", "--report", "/wgpucnn-verify.json", ...(parts ? ["--op", parts] : [])], "/wgpucnn-verify.json");
});
$("bench").addEventListener("click", () => prove(["bench", "--quick", "--out", "/wgpucnn-bench.json"], "/wgpucnn-bench.json"));
