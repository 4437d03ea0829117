// Python and minidock, away from the page: it may count for ever, and be ended.
//
//   page ── {id, ask: JSON} ──▶ minidock.playground.page ──▶ {id, told: JSON}

import "./files.js";
import { loadPyodide } from "./pyodide/pyodide.mjs";

const here = new URL(".", import.meta.url);
const plain = self.fetch.bind(self);
const watched = ["pyodide/pyodide.asm.wasm", "pyodide/python_stdlib.zip", "minidock.zip"];
const total = watched.reduce((sum, name) => sum + self.FILES[name], 0);
let loaded = 0;
const keeping = [];

const say = (text, part) => self.postMessage({ progress: { text, part } });

/** Like fetch, and says how much has come; a copy is counted, so that V8 may cache the other. */
async function counted(input, options) {
  const answer = await plain(input, options);
  if (answer.ok && answer.body) {
    count(answer.clone().body).catch(() => {});
    keeping.push(keep(answer));
  }
  return answer;
}

/** The large files are kept as they come, so that sw.js need not fetch them once more. */
async function keep(answer) {
  const copy = answer.clone();
  const cache = await self.caches?.open(`minidock-${self.VERSION}`);
  if (cache && !(await cache.match(answer.url))) await cache.put(answer.url, copy);
  else await copy.body.cancel();
}

async function count(stream) {
  const reader = stream.getReader();
  for (let got = await reader.read(); !got.done; got = await reader.read()) {
    loaded += got.value.byteLength;
    say(loaded < total ? "Fetching Python" : "Starting Python", 0.7 * Math.min(loaded / total, 1));
  }
}

async function octets(name, by = plain) {
  const answer = await by(new URL(name, here));
  if (!answer.ok) throw new Error(`${name}: status ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** What is typed here may compute, and nothing else: no requests, no stores of the page. */
function closed() {
  const doors = ["fetch", "XMLHttpRequest", "WebSocket", "WebSocketStream", "WebTransport",
    "EventSource", "Worker", "SharedWorker", "BroadcastChannel", "importScripts",
    "caches", "indexedDB", "cookieStore", "navigator"];
  for (let object = self; object && object !== Object.prototype; object = Object.getPrototypeOf(object)) {
    for (const door of doors) {
      if (Object.hasOwn(object, door)) {
        try { delete object[door]; } catch { /* then the policy of the page holds */ }
      }
    }
  }
}

function pathed(python, name, data) {
  python.FS.writeFile(`/${name}`, data);
  python.runPython(`import sys; sys.path.insert(0, "/${name}")`);
}

async function opened() {
  const ours = octets("minidock.zip", counted);
  self.fetch = counted;
  const python = await loadPyodide({ indexURL: new URL("pyodide/", here).href });
  self.fetch = plain;
  say("Opening minidock", 0.75);
  pathed(python, "minidock.zip", await ours);
  const page = python.pyimport("minidock.playground.page").Page();
  say("Starting a host", 0.95);
  const first = page.answer('{"do":"start"}');
  closed();
  return { python, page, first };
}

let kubernetes = null;

/** The bridge to Kubernetes is fetched when somebody asks for it. */
async function withBridge(python, ask) {
  if (!ask.includes("k8s_bridge")) return;
  kubernetes ??= octets("k8s.zip").then((data) => pathed(python, "k8s.zip", data));
  await kubernetes;
}

try {
  const { python, page, first } = await opened();
  let last = Promise.resolve();
  self.addEventListener("message", ({ data: { id, ask } }) => {
    last = last.then(async () => {
      await withBridge(python, ask).catch(() => { kubernetes = null; });
      self.postMessage({ id, told: page.answer(ask) });
    }).catch((error) => {
      const text = `the playground stumbled: ${error.name ?? "Error"}`;
      const why = "rule:   Python ended in a way that it does not survive\ntry:    go on when it has started again";
      self.postMessage({ id, told: JSON.stringify({ refused: { text, why }, ended: true }) });
    });
  });
  self.postMessage({ ready: first });
  await Promise.allSettled(keeping);
  self.postMessage({ kept: true });
} catch (error) {
  self.postMessage({ failed: String(error?.message ?? error) });
}
