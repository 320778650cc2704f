/**
 * The widget manager: ManagerBase of @jupyter-widgets, with what it leaves open.
 */
import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import { MessageLoop } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import anywidget from "anywidget";

/** What is known without the full manager. */
export const LEAN_MODULES = ["@jupyter-widgets/base", "anywidget"];

const TARGET = "jupyter.widget";

/** What the kernel opened for a page is here this soon after the page itself, or not coming. */
const OPENED_WITHIN_MS = 150;

export class WorkbookManager extends ManagerBase {
  /** Between hold and take: the page is being turned. */
  isHeld = false;
  /** Whether a widget of the page that is being made is of a module that only others know. */
  isTooLean = false;
  #opened = () => {};
  /** Models that stand still until they are taken away. @type {Promise<any>[]} */
  held = [];

  /**
   * @param {import("@jupyterlab/services").Kernel.IKernelConnection} kernel
   * @param {typeof import("./shipped.js").SHIPPED} shipped
   * @param {Record<string, any>} modules beyond the lean ones, by name
   * @param {() => void} tooLean called when the kernel opens a widget of another module
   */
  constructor(kernel, shipped, modules, tooLean) {
    super();
    this.kernel = kernel;
    this.shipped = shipped;
    this.isFull = Object.keys(modules).length > 0;
    this.modules = /** @type {Record<string, any>} */ ({
      "@jupyter-widgets/base": base,
      anywidget: anywidget(base),
      ...modules,
    });
    this.tooLean = tooLean;
    kernel.registerCommTarget(TARGET, (comm, message) => {
      const { state } = /** @type {any} */ (message.content.data);
      if (!this.modules[state._model_module]) {
        comm.dispose();
        if (this.isHeld) this.isTooLean = true;
        else this.tooLean();
        return;
      }
      void this.handle_comm_open(new base.shims.services.Comm(comm), /** @type {any} */ (message));
      this.#opened();
    });
  }

  /**
   * @param {string} className
   * @param {string} moduleName
   * @returns {Promise<any>}
   */
  async loadClass(className, moduleName) {
    const found = this.modules[moduleName]?.[className];
    if (found) return found;
    throw new Error(`No ${className} of ${moduleName} in this workbook`);
  }

  /**
   * @param {string} target
   * @param {string} modelId
   * @param {any} [data]
   * @param {any} [metadata]
   */
  async _create_comm(target, modelId, data, metadata) {
    const comm = this.kernel.createComm(target, modelId);
    if (data || metadata) comm.open(data, metadata);
    return new base.shims.services.Comm(comm);
  }

  async _get_comm_info() {
    return {}; // only the fallback of kernels before ipywidgets 7.7 asks
  }

  /**
   * The stylesheet of an anywidget becomes an adopted one before the widget's own runtime would
   * write it into a <style> element, which `style-src 'self'` forbids, rightly. A widget of this
   * workbook is given its script as the module that it is, and not as a text to be made into one.
   *
   * @param {any} options
   * @param {any} state
   */
  async _make_model(options, state = {}) {
    const id = state._anywidget_id;
    if (!id) return super._make_model(options, state);
    const { _css, ...rest } = state;
    const shipped = this.shipped.get(id);
    const style = shipped?.style ?? _css;
    if (style) adopt(id, style);
    return super._make_model(options, shipped ? { ...rest, _esm: shipped.module } : rest);
  }

  /**
   * The widgets of a page that is turned to are opened by the kernel while it makes the page, and
   * stand here before the page does, or very soon after. Asking for their states would be one more
   * way there and back.
   *
   * @param {string[]} ids of the models that the page shows
   * @returns whether they are all there; when not, their states have to be asked for
   */
  async opened(ids) {
    const areAll = () => ids.every((id) => this.has_model(id));
    if (this.isHeld && !areAll()) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, OPENED_WITHIN_MS);
        this.#opened = () => {
          if (!areAll()) return;
          clearTimeout(timer);
          resolve(undefined);
        };
      });
      this.#opened = () => {};
    }
    if (!areAll() || this.isTooLean) return false;
    this.isHeld = false;
    return true;
  }

  /** Make models of a kernel's states. @param {import("./states.js").States} states */
  async take(states) {
    this.isHeld = false;
    await Promise.all(
      Object.entries(states)
        .filter(([id]) => !this.has_model(id))
        .map(async ([model_id, { model_name, model_module, model_module_version, state }]) => {
          // No await before new_model registers the promise: other models refer to this one.
          this.#comm(model_id)?.dispose(); // of a page that was turned away from, and back to
          const comm = new base.shims.services.Comm(this.kernel.createComm(TARGET, model_id));
          await this.new_model({ model_name, model_module, model_module_version, model_id, comm }, state);
        }),
    );
  }

  /**
   * After a loss: what changed, what is new, what is closed. While the page is being turned these
   * are states of what goes, and what comes is told by the kernel as it opens it.
   *
   * @param {import("./states.js").States} states
   */
  async refresh(states) {
    if (this.isHeld) return;
    for (const [id, promise] of Object.entries(this.#models())) {
      const model = await promise;
      if (!(id in states)) {
        model.trigger("comm:close");
        await model.close(true);
        continue;
      }
      model._pending_msgs = 0; // the replies that it waits for were lost with the connection
      const { _css, _esm, ...state } = states[id].state;
      model.set_state(await model.constructor._deserialize_state(state, this));
    }
    if (!this.isHeld) await this.take(states);
  }

  /**
   * @param {base.WidgetModel} model
   * @param {HTMLElement} place
   */
  async showIn(model, place) {
    const view = /** @type {base.DOMWidgetView} */ (await this.create_view(model));
    place.replaceChildren();
    MessageLoop.sendMessage(view.luminoWidget, Widget.Msg.BeforeAttach);
    place.append(view.el);
    MessageLoop.sendMessage(view.luminoWidget, Widget.Msg.AfterAttach);
  }

  /**
   * Hear nothing more from the kernel about these widgets; those that it opens from now on are of
   * the next page. What they say still gets through: a tap in the last moment counts.
   */
  hold() {
    this.isHeld = true;
    this.isTooLean = false;
    for (const [id, promise] of Object.entries(this.#models())) {
      const comm = this.#comm(id);
      if (comm) comm.onMsg = comm.onClose = () => undefined;
      this.held.push(promise);
      delete this.#models()[id];
    }
  }

  /**
   * Take them out of the page. The kernel closes its own side, and with that their comms go; one
   * that was gone before would be complained of in the console.
   */
  forget() {
    if (!this.isHeld) this.hold();
    for (const promise of this.held) void promise.then((model) => model.close(true)).catch(() => undefined);
    this.held = [];
  }

  /** @param {string} id */
  #comm(id) {
    return /** @type {any} */ (this.kernel)._comms?.get(id);
  }

  /** @returns {Record<string, Promise<any>>} */
  #models() {
    return /** @type {any} */ (this)._models;
  }
}

/** The widget classes whose style the document has; it never changes while a page is open. @type {Set<string>} */
const adopted = new Set();

/**
 * @param {string} id of the widget's class
 * @param {string} css
 */
function adopt(id, css) {
  if (adopted.has(id)) return;
  adopted.add(id);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
