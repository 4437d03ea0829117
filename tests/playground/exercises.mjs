// Solve every exercise in Pyodide, by what the page asks.
//
//   node exercises.mjs FOLDER      prints {"name": [skeleton's outcome, solution's], ...}

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const folder = process.argv[2];
const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide", "pyodide.mjs")).href);
const python = await loadPyodide();
python.FS.writeFile("/minidock.zip", new Uint8Array(readFileSync(join(folder, "minidock.zip"))));
python.runPython('import sys; sys.path.insert(0, "/minidock.zip")');
const page = python.pyimport("minidock.playground.page").Page();
const ask = (what, more = {}) => JSON.parse(page.answer(JSON.stringify({ do: what, ...more })));

const outcomes = {};
for (const { name } of ask("labs").labs) {
  const lab = name;
  const check = (answer) => ask("check", { lab, answer }).outcome;
  outcomes[name] = [check(ask("lab", { lab }).skeleton), check(ask("solution", { lab }).solution)];
}
console.log(JSON.stringify(outcomes));
