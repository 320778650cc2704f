/**
 * The engine: a kernel connection and the widgets of this workbook, from the official packages.
 * What they drag along for JupyterLab is replaced in build.mjs by the stand-ins beside this file.
 */
import "./older-browsers.js";
import { KernelConnection } from "@jupyterlab/services/lib/kernel/default";
import { ServerConnection } from "@jupyterlab/services/lib/serverconnection";
import { LEAN_MODULES, WorkbookManager } from "./manager.js";
import { SHIPPED } from "./shipped.js";

export { requestStates } from "./states.js";
export { SHIPPED } from "./shipped.js";

/** @typedef {import("./states.js").States} States */

/**
 * @param {import("./fetch-page.js").PageConfig} config
 * @param {string} clientId
 * @param {any} Socket used in place of WebSocket; it has its own address
 */
export function connect(config, clientId, Socket) {
  const serverSettings = ServerConnection.makeSettings({ WebSocket: Socket, token: "", appendToken: false });
  const model = { id: config.kernelId, name: "" };
  const kernel = new KernelConnection({ model, clientId, serverSettings });
  // Subshells would be one more thread in every participant's kernel.
  kernel.commsOverSubshells = /** @type {any} */ ("disabled");
  // Asked for by the connection itself, once, to be sure of the kernel's messages. The server opens
  // the websocket only when it is sure of them.
  const ask = kernel.requestKernelInfo;
  kernel.requestKernelInfo = async () => {
    kernel.requestKernelInfo = ask;
    return undefined;
  };
  return kernel;
}

/**
 * @param {import("@jupyterlab/services").Kernel.IKernelConnection} kernel
 * @param {() => void} tooLean called when the kernel opens a widget that this manager does not know
 */
export function createManager(kernel, tooLean) {
  return new WorkbookManager(kernel, SHIPPED, {}, tooLean);
}

/** @param {States} states */
export function needsControls(states) {
  return Object.values(states).some(({ state }) => !LEAN_MODULES.includes(state._model_module));
}
