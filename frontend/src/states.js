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

/** A reply can be lost while the kernel's side of the connection is still being made. */
const ASK_AGAIN_MS = 3000;

/**
 * @param {import("@jupyterlab/services").Kernel.IKernelConnection} kernel
 * @returns {Promise<States>}
 */
export async function requestStates(kernel) {
  await connected(kernel);
  /** @type {import("@jupyterlab/services").Kernel.IComm[]} */
  const comms = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let asking;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  try {
    const message = await new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Error("The kernel did not tell its state in time.")), PATIENCE_MS);
      const ask = () => {
        // The page went on to another kernel meanwhile: nobody waits for the answer any more.
        if (kernel.isDisposed) reject(new Error("The page was left."));
        else comms.push(open(kernel, resolve));
      };
      asking = setInterval(ask, ASK_AGAIN_MS);
      ask();
    });
    return unpack(message);
  } finally {
    clearInterval(asking);
    clearTimeout(timer);
    for (const comm of comms) if (!comm.isDisposed && !kernel.isDisposed) comm.close();
  }
}

/**
 * Ask once. The first answer to any asking counts.
 *
 * @param {import("@jupyterlab/services").Kernel.IKernelConnection} kernel
 * @param {(message: any) => void} answered
 */
function open(kernel, answered) {
  const comm = kernel.createComm(TARGET, uuid());
  comm.onMsg = answered;
  comm.open({}, { version: VERSION });
  comm.send({ method: "request_states" });
  return comm;
}

/**
 * Wait for the websocket. What is sent before would be queued until the kernel has answered a
 * first request: one way there and back more.
 *
 * @param {import("@jupyterlab/services").Kernel.IKernelConnection} kernel
 */
function connected(kernel) {
  return new Promise((resolve) => {
    const look = () => {
      if (kernel.connectionStatus !== "connected") return;
      kernel.connectionStatusChanged.disconnect(look);
      resolve(undefined);
    };
    kernel.connectionStatusChanged.connect(look);
    look();
  });
}

/** @param {any} message */
function unpack(message) {
  const { states, buffer_paths: paths } = message.content.data;
  paths.forEach((/** @type {string[]} */ [id, ...path], /** @type {number} */ index) => {
    put_buffers(states[id].state, [path], [message.buffers[index]]);
  });
  return states;
}
