/**
 * The one place where the connection's state becomes words (`#connection`) and an event
 * (`reconnect:connection`, which the widgets listen for).
 */

/** @typedef {"connected" | "reconnecting" | "lost"} State */
/** @typedef {{ label: string, act: () => void } | { label: string, href: string }} Offer */

/** Shorter losses than this are over before anybody has read about them. */
const QUIET_MS = 1200;
const GOOD_NEWS_MS = 4000;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** What the button does that stands there now. */
let press = () => {};

/** @param {State} state */
export function announce(state) {
  window.dispatchEvent(new CustomEvent("reconnect:connection", { detail: { state } }));
}

/**
 * Say one sentence, with at most one thing to do about it.
 *
 * @param {string} sentence
 * @param {{ offer?: Offer, soon?: boolean, briefly?: boolean }} [how]
 *   `soon`: wait a moment, it may not be worth saying. `briefly`: take it away again.
 */
export function say(sentence, { offer, soon = false, briefly = false } = {}) {
  clearTimeout(timer);
  if (soon) {
    timer = setTimeout(() => show(sentence, offer), QUIET_MS);
    return;
  }
  show(sentence, offer);
  if (briefly) timer = setTimeout(hush, GOOD_NEWS_MS);
}

/** Say nothing any more. */
export function hush() {
  clearTimeout(timer);
  show("", undefined);
}

/** Whether something is being said. */
export function isSaying() {
  return (document.getElementById("connection")?.textContent ?? "") !== "";
}

/**
 * @param {string} sentence
 * @param {Offer | undefined} offer
 */
function show(sentence, offer) {
  const words = document.getElementById("connection");
  if (!words) return;
  // The same words again would be read out again.
  if (words.textContent !== sentence) words.textContent = sentence;
  const before = words.parentElement?.querySelector(".rc-button");
  if (offer && "act" in offer) {
    press = offer.act;
    // The same button stays: somebody may be on their way to it, or on it with the keyboard.
    if (before instanceof HTMLButtonElement && before.textContent === offer.label) return;
  }
  before?.remove();
  if (offer) words.after(control(offer));
}

/** @param {Offer} offer */
function control(offer) {
  if ("href" in offer) {
    const link = document.createElement("a");
    link.href = offer.href;
    link.className = "rc-button rc-button--quiet";
    link.textContent = offer.label;
    return link;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "rc-button rc-button--quiet";
  button.textContent = offer.label;
  button.addEventListener("click", () => press());
  return button;
}
