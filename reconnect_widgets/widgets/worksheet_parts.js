// @ts-check
/**
 * What the parts of a worksheet share: elements, buttons, what the browser keeps, "Saved".
 *
 * @typedef {{ get(name: string): any,
 *   on(name: string, callback: (...args: any[]) => void): void }} Model
 * @typedef {Record<string, any> & { key: string, kind: string, label: string }} Spec
 * @typedef {{ status: string, value: number | string | null, text: string }} Held
 * @typedef {{ name: string, isClosed: boolean, isRecorded: boolean,
 *   word(id: string, values?: Record<string, string | number>): string,
 *   say(detail: object): void,
 *   sayAnswer(item: string, status: string, value: number | string | null): void,
 *   sayText(item: string, text: string): void,
 *   sayDraft(field: string, seq: number, text: string): void,
 *   held(key: string): Held, recorded(key: string): Held, isWaiting(key: string): boolean,
 *   keptKey(key: string): string, changed(): void }} Sheet
 */

export const SETTLE_MS = 600; // arrow keys pass through options on the way to the one that is meant
const SAVING_MS = 800; // a save faster than this needs no word of its own
const LATE_MS = 4_000;

/** @param {string} tag @param {string} [className] @param {string} [text] @returns {any} */
export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** @param {string} label @param {string} looks @param {() => void} act @returns {HTMLButtonElement} */
export function makeButton(label, looks, act) {
  const button = make("button", looks, label);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

/** A text under something else, by whose id it is described. @param {string} id @param {string} text */
export function makeHint(id, text) {
  const hint = make("p", "rc-hint", text);
  hint.id = id;
  hint.hidden = !text;
  return hint;
}

/** Spoken, never seen: what has just become so. */
export function makeLive() {
  const live = make("span", "rc-worksheet__live");
  live.setAttribute("role", "status");
  return live;
}

/** Half characters (a cut emoji) and NUL can not be recorded. @param {string} text */
export const storable = (text) => text.replace(/\p{Surrogate}|\0/gu, "");

/** When the browser keeps nothing, what was typed lives as long as the page.
 * @type {Map<string, string>} */
const memory = new Map();

/** @param {string} key */
export function readKept(key) {
  if (memory.has(key)) return memory.get(key) ?? "";
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} key @param {string} text */
export function keep(key, text) {
  memory.set(key, text);
  try {
    if (text) sessionStorage.setItem(key, text);
    else sessionStorage.removeItem(key);
  } catch {
    // see memory
  }
}

/** Forget everything whose key begins so. @param {string} prefix */
export function forgetKept(prefix) {
  for (const key of [...memory.keys()]) if (key.startsWith(prefix)) memory.delete(key);
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(prefix)) sessionStorage.removeItem(key);
    }
  } catch {
    // Nothing is kept where nothing can be.
  }
}

/** The line that says how far a field's answer has come. */
export class FieldStatus {
  /** @param {Sheet} sheet @param {string} key */
  constructor(sheet, key) {
    this.sheet = sheet;
    this.key = key;
    this.el = make("p", "rc-status rc-field__status");
    this.mark = make("span"); // for the eye alone: what was so already
    this.mark.setAttribute("aria-hidden", "true");
    this.live = make("span"); // spoken: what has just become so
    this.live.setAttribute("role", "status");
    this.el.append(this.mark, this.live);
    /** @type {any[]} */
    this.timers = [];
  }

  /** @param {Held} held what is to be called saved, when nothing waits */
  show(held) {
    this.stop();
    this.mark.textContent = "";
    if (this.sheet.isWaiting(this.key)) {
      this.live.textContent = "";
      const later = (/** @type {string} */ id, /** @type {number} */ ms) =>
        this.timers.push(setTimeout(() => (this.mark.textContent = this.sheet.word(id)), ms));
      later("saving", SAVING_MS);
      later("not-saved-yet", LATE_MS);
    } else if (!held.status) {
      this.live.textContent = "";
    } else if (!this.live.textContent) {
      this.mark.textContent = this.doneWord(held);
    }
  }

  /** The kernel has just kept it. @param {Held} held @param {boolean} [isSpoken] */
  saved(held, isSpoken = true) {
    this.stop();
    this.mark.textContent = isSpoken ? "" : this.doneWord(held);
    this.live.textContent = isSpoken ? this.doneWord(held) : "";
  }

  /** Nothing is to be said of what is being changed. */
  clear() {
    this.stop();
    this.mark.textContent = "";
    this.live.textContent = "";
  }

  stop() {
    this.timers.forEach(clearTimeout);
    this.timers = [];
  }

  /** @param {Held} held */
  doneWord(held) {
    if (!this.sheet.isRecorded) return this.sheet.word("not-recorded");
    return this.sheet.word(held.status === "answered" ? "saved" : "skipped");
  }
}
