/**
 * The full manager, for pages with core ipywidgets (sliders, boxes, tabs …): the official
 * controls, and the real Lumino and jQuery that they need.
 */
import * as controls from "@jupyter-widgets/controls";
import { WorkbookManager } from "./manager.js";

/**
 * @param {import("@jupyterlab/services").Kernel.IKernelConnection} kernel
 * @param {typeof import("./shipped.js").SHIPPED} shipped the workbook's own widgets, which the engine has
 */
export function createFullManager(kernel, shipped) {
  return new WorkbookManager(kernel, shipped, { "@jupyter-widgets/controls": controls }, () => undefined);
}
