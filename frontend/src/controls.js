/**
 * The full manager, for pages with core ipywidgets (sliders, boxes, tabs …): the official
 * controls, and the real Lumino and jQuery that they need.
 */
import * as controls from "@jupyter-widgets/controls";
import { WorkbookManager } from "./manager.js";

/** @param {import("@jupyterlab/services").Kernel.IKernelConnection} kernel */
export function createFullManager(kernel) {
  return new WorkbookManager(kernel, { "@jupyter-widgets/controls": controls }, () => undefined);
}
