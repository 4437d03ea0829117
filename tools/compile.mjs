// Compile Python to what Pyodide's own Python runs, by that Python itself.
//
//   node compile.mjs FOLDER_OF_PYODIDE ZIP_IN ZIP_OUT ...
//
// From its source, minidock takes four seconds to import in a browser; compiled, less than
// one. The result depends on nothing but the sources and Pyodide's version.

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";

const [folder, ...zips] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(folder, "pyodide.mjs")).href);
const python = await loadPyodide();

const COMPILE = `
import importlib.util, io, zipfile
from pathlib import PurePosixPath

def compiled(data):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name.endswith(".py"):
                code = compile(content, name, "exec", dont_inherit=True, optimize=0)
                content = importlib._bootstrap_external._code_to_hash_pyc(
                    code, importlib.util.source_hash(content), checked=False)
                name += "c"
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content, compresslevel=9)
    return out.getvalue()
compiled
`;
const compiled = python.runPython(COMPILE);
for (let at = 0; at < zips.length; at += 2) {
  const proxy = compiled(python.toPy(new Uint8Array(readFileSync(zips[at]))).tobytes());
  writeFileSync(zips[at + 1], proxy.toJs());
}
