/**
 * The page that is shown, and the kernel behind it. Turning to a page of the same kernel keeps
 * the connection; anything else begins a new one.
 */
import { PageRefusedError, fetchPage, isWorkbookAddress, readConfig, swapMain } from "./fetch-page.js";
import { whoseTurn } from "./hand-over.js";
import { KernelSession } from "./kernel-session.js";
import { hush } from "./status.js";

/** Widgets that have not drawn themselves within this time will not be waited for. */
const RETURN_MS = 2000;

/** @typedef {{ engine: string, controls: string, controlsStyle: string }} Assets */

export class Workbook {
  /** @type {KernelSession | undefined} */ #session;
  #turn = 0;

  /** @param {Assets} assets */
  constructor(assets) {
    this.assets = assets;
    this.#attach(readConfig(document));
  }

  /** Whether the page came with a kernel. */
  get isAlive() {
    return this.#session !== undefined;
  }

  /**
   * Fetch the page to turn to. The present one stays on the screen, but stands still: the kernel
   * closes its widgets while it makes the new ones, and nobody should see it fall to pieces.
   *
   * @param {string} address
   * @returns the page, or undefined when a later turn overtook this one
   */
  async turnTo(address) {
    const turn = ++this.#turn;
    this.#session?.hold();
    const page = await fetchPage(address);
    if (turn !== this.#turn) return undefined;
    if (!isWorkbookAddress(page.url)) throw new Error("the way leads out of the workbook");
    if (whoseTurn(page.document) !== whoseTurn(document)) throw new Error("the phone was handed over");
    return page;
  }

  /** Show a fetched page. @param {import("./fetch-page.js").FetchedPage} page */
  put(page) {
    const { config } = page;
    this.#session?.forget();
    swapMain(page.document);
    if (config && this.#session?.serves(config.kernelId)) {
      this.#session.mount();
      return;
    }
    this.#session?.end();
    this.#session = undefined;
    hush();
    this.#attach(config);
  }

  /** @param {import("./fetch-page.js").PageConfig | undefined} config */
  #attach(config) {
    if (!config) return;
    this.#session = new KernelSession(config, this.assets, {
      judge: () => this.#judge(config.kernelId),
      moved: (page) => void this.#move(page),
      askAgain: () => void this.#continueHere(),
    });
  }

  /**
   * @param {string} kernelId
   * @returns {Promise<import("./line.js").Verdict>}
   */
  async #judge(kernelId) {
    try {
      const page = await fetchPage(location.href);
      // A facilitator freed this seat: nothing of what was answered here is to be seen any more.
      if (page.document.querySelector("[data-freed]")) location.replace(page.url.href);
      if (!isWorkbookAddress(page.url)) return this.#gone(page.url.pathname);
      return { kind: page.config?.kernelId === kernelId ? "same" : "moved", page };
    } catch (error) {
      if (!(error instanceof PageRefusedError)) return { kind: "offline" };
      if (error.status === 503) return { kind: "full", waitS: error.waitS };
      return error.status >= 500 ? { kind: "offline" } : this.#gone("/");
    }
  }

  /**
   * The server does not know this person any more. What stands on the page may stay, to be read;
   * a page with nothing on it makes room for the server's own words.
   *
   * @param {string} href
   * @returns {import("./line.js").Verdict}
   */
  #gone(href) {
    if (!this.#session?.isMounted) location.reload();
    // Not that all is safe: they may just have taken everything back.
    const sentence = "This device has no open place in the session any more.";
    return { kind: "gone", sentence, label: "To the start page", href };
  }

  /**
   * The page is there again under a new kernel: put it in place, quietly, and leave the person
   * where they were.
   *
   * @param {import("./fetch-page.js").FetchedPage} page
   */
  async #move(page) {
    const before = this.#session;
    const y = window.scrollY;
    const focused = describe(document.activeElement);
    if (page.url.href !== location.href) history.replaceState(history.state, "", page.url.href);
    this.put(page);
    this.#session?.inherit(before);
    await this.#session?.mounted;
    await returnTo(focused, y);
  }

  async #continueHere() {
    try {
      const page = await this.turnTo(location.href);
      if (!page) return;
      this.put(page);
      document.getElementById("main")?.focus();
    } catch {
      location.reload();
    }
  }
}

/** @param {Assets} assets */
export function openWorkbook(assets) {
  return new Workbook(assets);
}

/** @param {Element | null} element in the page, to be found again in the page that replaces it */
function describe(element) {
  if (!element?.closest("#main") || element.id === "main") return undefined;
  const isWriting = element.matches("textarea, input[type='text']") && !element.matches(":read-only");
  return { id: element.id, words: wordsOf(element), isWriting };
}

/**
 * What tells an element apart for the person who is on it. The names of radio buttons are made
 * anew with each widget, words are not.
 *
 * @param {Element} element
 */
function wordsOf(element) {
  const words = (/** @type {Element | null | undefined} */ part) => part?.textContent?.trim() ?? "";
  return JSON.stringify([
    element.tagName,
    element.getAttribute("type"),
    element.getAttribute("value"),
    words(element.closest("label") ?? element),
    words(element.closest("fieldset")?.querySelector("legend")),
  ]);
}

/** @typedef {{ id: string, words: string, isWriting: boolean }} Description */

/** @param {Description} description */
function findAgain(description) {
  const same = description.id && document.getElementById(description.id);
  if (same) return same;
  const all = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#main *"));
  return Array.from(all).find((element) => element.tabIndex >= 0 && wordsOf(element) === description.words);
}

/**
 * Put focus and scroll where they were, as soon as the widgets have drawn what that needs; not
 * against somebody who has begun to do something else.
 *
 * @param {Description | undefined} description of what had the focus
 * @param {number} y
 */
async function returnTo(description, y) {
  const busy = new AbortController();
  // Whoever was writing goes on writing: their keys are nothing new, and go nowhere till then.
  const acts = ["pointerdown", "wheel", ...(description?.isWriting ? [] : ["keydown"])];
  for (const act of acts) {
    window.addEventListener(act, () => busy.abort(), { once: true, signal: busy.signal });
  }
  const deadline = Date.now() + RETURN_MS;
  let element;
  while (!busy.signal.aborted && Date.now() < deadline) {
    element = description && findAgain(description);
    const isLongEnough = document.documentElement.scrollHeight - window.innerHeight >= y;
    if ((element || !description) && isLongEnough) break;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  if (busy.signal.aborted) return;
  busy.abort();
  const nobodyTookIt = document.activeElement === document.body;
  if (element) element.focus({ preventScroll: true });
  else if (description && nobodyTookIt) document.getElementById("main")?.focus({ preventScroll: true });
  window.scrollTo(0, y);
}
