/** Stands in for jQuery: a view keeps its element as `$el[0]`, and anywidget calls `$el.empty()`. */
class Wrapped {
  /** @param {HTMLElement} element */
  constructor(element) {
    this[0] = element;
    this.length = 1;
  }
  empty() {
    this[0].replaceChildren();
    return this;
  }
}

/** @param {HTMLElement} element */
export default function $(element) {
  return new Wrapped(element);
}
// `x instanceof $` must hold for what $ returned.
Object.defineProperty($, Symbol.hasInstance, { value: (/** @type {unknown} */ x) => x instanceof Wrapped });
