/**
 * Stands in for @lumino/widgets where no layout widget is used: a DOMWidgetView wants an object
 * around its element that passes messages on, nothing more.
 */
export class Widget {
  static Msg = {
    BeforeAttach: { type: "before-attach" },
    AfterAttach: { type: "after-attach" },
  };
  static ResizeMessage = { UnknownSize: { type: "resize" } };

  /** @param {{ node?: HTMLElement }} options */
  constructor({ node = document.createElement("div") } = {}) {
    this.node = node;
    this.isDisposed = false;
  }
  dispose() {
    this.isDisposed = true;
    this.node.remove();
  }
  /** @param {string} name */
  addClass(name) {
    this.node.classList.add(name);
  }
  /** @param {string} name */
  removeClass(name) {
    this.node.classList.remove(name);
  }
  processMessage() {}
}

export class Panel extends Widget {}
