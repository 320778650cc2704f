/**
 * All widget state of a kernel in one message, over ipywidgets' control comm.
 *
 * @typedef {Record<string, { model_name: string, model_module: string, model_module_version: string,
 *   state: Record<string, any> }>} States
 */
import { put_buffers, uuid } from "@jupyter-widgets/base";

const TARGET = "jupyter.widget.control";
const VERSION = "1.0.0";

/** A kernel that is forked, loaded and asked by a whole room at once may take its time. */
const PATIENCE_MS = 20_000;

/**
 * @param {import("@jupyterlab/services").Kernel.IKernelConnection} kernel
 * @returns {Promise<States>}
 */
export async function requestStates(kernel) {
  const comm = kernel.createComm(TARGET, uuid());
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  try {
    const message = await new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Error("The kernel did not tell its state in time.")), PATIENCE_MS);
      comm.onMsg = resolve;
      comm.onClose = () => reject(new Error("The kernel does not tell its state."));
      comm.open({}, { version: VERSION });
      comm.send({ method: "request_states" });
    });
    return unpack(message);
  } finally {
    clearTimeout(timer);
    comm.onClose = () => undefined;
    if (!comm.isDisposed) comm.close();
  }
}

/** @param {any} message */
function unpack(message) {
  const { states, buffer_paths: paths } = message.content.data;
  paths.forEach((/** @type {string[]} */ [id, ...path], /** @type {number} */ index) => {
    put_buffers(states[id].state, [path], [message.buffers[index]]);
  });
  return states;
}
