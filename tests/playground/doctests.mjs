// Run the doctests of some packages in Pyodide, from the archive that the playground ships.
//
//   node doctests.mjs FOLDER PACKAGE ...      prints {"module": [failed, attempted], ...}

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder, ...packages] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide", "pyodide.mjs")).href);
const python = await loadPyodide();
python.FS.writeFile("/minidock.zip", new Uint8Array(readFileSync(join(folder, "minidock.zip"))));
const run = python.runPython(`
import sys; sys.path.insert(0, "/minidock.zip")
import doctest, importlib, json, pkgutil

def run(packages):
    done = {}
    for package in packages:
        top = importlib.import_module(package)
        for found in pkgutil.walk_packages(getattr(top, "__path__", []), f"{package}."):
            module = importlib.import_module(found.name)
            done[found.name] = list(doctest.testmod(module))
    return json.dumps(done)
run
`);
console.log(run(packages));
