// Run a Python file in the Python that the site's visitors will run:
// node bytecode.mjs PYODIDE_FOLDER FILE.py IN_FOLDER OUT_FOLDER; there it finds /in and /out.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodideFolder, file, input, output] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(pyodideFolder, "pyodide.mjs")));
// Not even the order of a set may change from one build to the next.
const python = await loadPyodide({ env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" } });
python.mountNodeFS("/in", input);
python.mountNodeFS("/out", output);
await python.runPythonAsync(readFileSync(file, "utf8"));
