// @ts-check
/**
 * A passage: heading, safe HTML, perhaps a figure, the privacy mark, and actions as buttons.
 *
 * The markup comes from our own content packs through the kernel, which makes it safe; nothing
 * that a person typed is ever in it. A new `token` is a new screen; any other change is taken in
 * quietly, without moving the reader.
 *
 * @typedef {{ get(name: string): any,
 *   on(name: string, callback: (...args: any[]) => void): void }} Model
 * @typedef {{ id: string, label: string, kind: string, href: string }} Action
 */

/** @param {string} tag @param {string} className */
function make(tag, className) {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

/** @param {{ model: Model, el: HTMLElement }} view */
function render({ model, el }) {
  el.classList.add("rc-passage");
  const heading = make("h2", "rc-passage__heading");
  heading.tabIndex = -1;
  heading.dataset.heading = "";
  const text = make("div", "rc-passage__text");
  const figure = make("figure", "rc-figure");
  const privacy = make("p", "rc-privacy");
  const news = make("div", "rc-note rc-passage__news");
  const newsText = make("p", "");
  newsText.setAttribute("role", "status");
  const newsActions = make("div", "");
  news.append(newsText, newsActions);
  const actions = make("div", "rc-actions");
  el.append(heading, news, text, figure, privacy, actions);
  let token = "";
  let drawn = "";

  /** @param {Action} action */
  function makeAction(action) {
    const looks = `rc-button${action.kind === "quiet" ? " rc-button--quiet" : ""}`;
    if (action.href) {
      const link = /** @type {HTMLAnchorElement} */ (make("a", looks));
      link.href = action.href;
      link.textContent = action.label;
      return link;
    }
    const button = /** @type {HTMLButtonElement} */ (make("button", looks));
    button.type = "button";
    button.textContent = action.label;
    button.dataset.action = action.id;
    button.addEventListener("click", () => {
      const detail = { type: "action", stage: model.get("token"), action: action.id };
      el.dispatchEvent(new CustomEvent("reconnect:say", { detail, bubbles: true }));
    });
    return button;
  }

  function showActions() {
    /** @type {Action[]} */
    const offered = model.get("actions");
    // A button that is made anew between a finger's down and its up is not tapped at all.
    const look = JSON.stringify([model.get("token"), Boolean(model.get("news")), offered]);
    if (drawn === look) return;
    drawn = look;
    const isEqual = offered.some((each) => each.kind === "choice");
    actions.classList.toggle("rc-actions--equal", isEqual);
    const isOpened = (/** @type {Action} */ each) => model.get("news") && each.kind === "primary";
    newsActions.replaceChildren(...offered.filter(isOpened).map(makeAction));
    // As on a worksheet: back, the way on, all else; equal choices stay as they are.
    const rank = (/** @type {Action} */ { id, kind }) => (id === "back" ? 0 : kind === "primary" ? 1 : 2);
    const rest = offered.filter((each) => !isOpened(each));
    if (!isEqual) rest.sort((one, other) => rank(one) - rank(other));
    actions.replaceChildren(...rest.map(makeAction));
  }

  function show() {
    const focused = document.activeElement;
    const action = focused instanceof HTMLElement ? focused.dataset.action : undefined;
    heading.textContent = model.get("heading");
    if (text.innerHTML !== model.get("html")) text.innerHTML = model.get("html");
    if (figure.innerHTML !== model.get("figure")) figure.innerHTML = model.get("figure");
    figure.hidden = !model.get("figure");
    if (newsText.textContent !== model.get("news")) newsText.textContent = model.get("news");
    news.classList.toggle("rc-passage__news--none", !model.get("news"));
    privacy.textContent = model.get("privacy");
    privacy.dataset.privacy = model.get("privacy_kind");
    privacy.hidden = !model.get("privacy");
    showActions();
    const isNew = token !== "" && token !== model.get("token");
    token = model.get("token");
    if (isNew) el.dispatchEvent(new CustomEvent("reconnect:shown", { bubbles: true }));
    else if (action) keepFocus(action);
  }

  /** The button was made anew under the reader's finger: put the focus back on it.
   * @param {string} action */
  function keepFocus(action) {
    const button = el.querySelector(`[data-action="${CSS.escape(action)}"]`);
    if (button instanceof HTMLElement) button.focus();
  }

  /** An action that waits for the kernel looks busy, and a second tap on it is not sent. */
  el.addEventListener("reconnect:outbox", (/** @type {any} */ event) => {
    const waiting = event.detail.messages.filter((/** @type {any} */ m) => m.type === "action");
    for (const button of el.querySelectorAll("button")) {
      const isBusy = waiting.some((/** @type {any} */ m) => m.action === button.dataset.action);
      button.setAttribute("aria-busy", String(isBusy));
    }
  });

  model.on("change", show);
  show();
}

export default { render };
