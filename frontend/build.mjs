/**
 * Builds the browser files that the package ships: `node build.mjs [OUTPUT FOLDER] [--weigh]`.
 *
 * reconnect.js            every page: quick exit, connection, turning pages
 * reconnect-engine.js     workbook pages: kernel connection, the workbook's own widgets
 * reconnect-controls.js   only pages with core ipywidgets (and its stylesheet)
 * outside.js              only the page that "Leave quickly" shows
 * agenda.js               only the page that prepares an evening
 * THIRD-PARTY-LICENSES.txt
 *
 * The same input gives the same bytes: a test builds again and compares.
 */
import { build, transform } from "esbuild";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv.slice(2).find((each) => !each.startsWith("--")) ?? path.join(here, "../reconnect_widgets/server/static"));
const standIn = (name) => path.join(here, "src/stand-ins", `${name}.js`);

/** Packages that are replaced, and by what. Each stand-in says why. */
const EVERYWHERE = {
  "lodash/isEqual": standIn("is-equal"),
  "sanitize-html": standIn("sanitize-html"),
  "@jupyterlab/coreutils": standIn("jupyterlab-coreutils"),
};
const LEAN = {
  ...EVERYWHERE,
  "@lumino/widgets": standIn("lumino-widgets"),
  "@lumino/messaging": standIn("lumino-messaging"),
  jquery: standIn("jquery"),
};

const servicesIndex = {
  name: "kernel connection without the rest of @jupyterlab/services",
  setup(b) {
    b.onResolve({ filter: /^\.\.$/ }, ({ importer }) =>
      importer.includes("@jupyterlab/services/lib/kernel/") ? { path: standIn("services-index") } : undefined,
    );
  },
};

const anywidgetFactory = {
  name: "anywidget as a module",
  setup(b) {
    b.onLoad({ filter: /node_modules\/anywidget\/dist\/index\.js$/ }, async (args) => {
      let text = await readFile(args.path, "utf8");
      // The package is an AMD module for notebook pages; its one factory is all we want.
      text = replaceOnce(text, 'define(["@jupyter-widgets/base"], widget_default);', "export default widget_default;");
      // A widget that does not start within two seconds is given up for good. Ten phones' worth of
      // browsers on one small machine do take longer.
      text = replaceOnce(text, "AbortSignal.timeout(2e3)", "AbortSignal.timeout(6e4)");
      // The workbook's own widgets are in the engine as modules. Making one of a text takes two
      // questions to the browser's main process, for each widget of each page.
      const load = "async function loadEsm(esm) {\n";
      text = replaceOnce(text, load, `${load}  if (typeof esm !== "string") return esm;\n`);
      return { contents: text, loader: "js" };
    });
  },
};

const widgetStyle = {
  name: "a widget's stylesheet as text",
  setup(b) {
    b.onLoad({ filter: /reconnect_widgets\/widgets\/\w+\.css$/ }, async (args) => {
      const css = await transform(await readFile(args.path, "utf8"), { loader: "css", minify: true, target: common.target });
      return { contents: css.code, loader: "text" };
    });
  },
};

function replaceOnce(text, from, to) {
  if (text.split(from).length !== 2) throw new Error(`expected exactly once in anywidget: ${from}`);
  return text.replace(from, to);
}

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome109", "firefox115", "safari16.4"],
  charset: "utf8",
  legalComments: "none", // THIRD-PARTY-LICENSES.txt has them
  metafile: true,
  logLevel: "warning",
  plugins: [servicesIndex, anywidgetFactory, widgetStyle],
  define: { "process.env.NODE_ENV": '"production"' },
};

await mkdir(out, { recursive: true });
const results = await Promise.all([
  build({ ...common, entryPoints: ["src/main.js"], outfile: path.join(out, "reconnect.js") }),
  build({ ...common, entryPoints: ["src/outside.js"], outfile: path.join(out, "outside.js") }),
  build({ ...common, entryPoints: ["src/agenda.js"], outfile: path.join(out, "agenda.js") }),
  build({ ...common, entryPoints: ["src/engine.js"], outfile: path.join(out, "reconnect-engine.js"), alias: LEAN }),
  build({ ...common, entryPoints: ["src/controls.js"], outfile: path.join(out, "reconnect-controls.js"), alias: EVERYWHERE }),
  build({
    ...common,
    entryPoints: ["src/controls.css"],
    outfile: path.join(out, "reconnect-controls.css"),
    loader: { ".svg": "dataurl", ".png": "dataurl" },
  }),
]);
await writeFile(path.join(out, "THIRD-PARTY-LICENSES.txt"), await licences(results));
if (process.argv.includes("--weigh")) weigh(results);

/** The licence of every package of which a byte is shipped. */
async function licences(built) {
  const packages = new Set();
  for (const { metafile } of built) {
    for (const output of Object.values(metafile.outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
        const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
        if (name && bytesInOutput > 0) packages.add(name);
      }
    }
  }
  // Bundled by anywidget itself, not by us.
  for (const name of ["solid-js", "@lukeed/uuid"]) packages.add(name);
  const parts = await Promise.all([...packages].sort().map(licence));
  return `The browser files of this folder contain these packages, under their own licences.\n\n${parts.join("\n")}`;
}

async function licence(name) {
  const folder = path.join(here, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? (await readFile(path.join(folder, file), "utf8")).trim() : await jupyterLicence(name, license);
  return `${"=".repeat(80)}\n${name} ${version}, ${license}\n${"-".repeat(80)}\n${text}\n`;
}

/** Jupyter's packages ship without a licence file; their repositories have this one. */
async function jupyterLicence(name, license) {
  const owner = /^@lumino\//.test(name) ? "lumino" : /^@jupyter/.test(name) ? "jupyter" : undefined;
  if (!owner || license !== "BSD-3-Clause") throw new Error(`${name} (${license}) has no licence file`);
  const read = (file) => readFile(path.join(here, "licenses", `${file}.txt`), "utf8");
  return `${await read(owner)}\n${await read("BSD-3-Clause")}`.trim();
}

function weigh(built) {
  for (const { metafile } of built) {
    for (const [file, { bytes, inputs }] of Object.entries(metafile.outputs)) {
      const byPackage = new Map();
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? "ours";
        byPackage.set(name, (byPackage.get(name) ?? 0) + bytesInOutput);
      }
      console.log(path.basename(file), bytes);
      for (const [name, size] of [...byPackage].sort((a, b) => b[1] - a[1])) console.log(`  ${size}\t${name}`);
    }
  }
}
