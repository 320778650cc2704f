/**
 * Pages as data: fetch one, read its configuration, put it in the place of the present one.
 */

/**
 * @typedef {object} PageConfig what the template writes into `#reconnect-page`
 * @property {string} kernelId  empty on a page without a kernel
 * @property {string} wsPath    `/api/kernels/<id>/channels`
 * @property {string} exercise
 * @property {string} tag       of this participant, for the key of the outbox
 *
 * @typedef {{ document: Document, url: URL, config: PageConfig | undefined }} FetchedPage
 */

const PATIENCE_MS = 15_000;

/** How a page asks for one that takes its place: such a one has not begun before it can be made. */
export const TURNED = { Accept: "text/html", "X-Reconnect-Turned": "1" };

/** An answer that is no page: its status says why. */
export class PageRefusedError extends Error {
  /** @param {Response} response */
  constructor(response) {
    super(`${response.status}`);
    this.status = response.status;
    this.waitS = Number(response.headers.get("Retry-After")) || 10;
    this.url = response.url;
  }
}

/**
 * @param {string} address
 * @returns {Promise<FetchedPage>}
 * @throws PageRefusedError when the server answered, TypeError and AbortError when nobody did
 */
export async function fetchPage(address) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE_MS);
  try {
    const response = await fetch(address, {
      cache: "no-store",
      headers: TURNED,
      signal: giveUp.signal,
    });
    if (!response.ok) throw new PageRefusedError(response);
    const text = await response.text();
    const page = new DOMParser().parseFromString(text, "text/html");
    return { document: page, url: new URL(response.url), config: readConfig(page) };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {Document} page
 * @returns {PageConfig | undefined} undefined when the page has no kernel
 */
export function readConfig(page) {
  try {
    const config = JSON.parse(page.getElementById("reconnect-page")?.textContent ?? "{}");
    return config.kernelId ? config : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Take the widgets' states out of a page that was made just now, so that it can draw itself before
 * its websocket is open. They are true once: later the kernel is asked.
 *
 * @param {Document} page
 * @returns {import("./states.js").States | undefined}
 */
export function takeStates(page) {
  const block = page.getElementById("reconnect-states");
  block?.remove();
  try {
    /** @type {Record<string, Record<string, any>>} */
    const states = JSON.parse(block?.textContent ?? "{}");
    const entries = Object.entries(states).map(([id, state]) => {
      const { _model_name: model_name, _model_module: model_module, _model_module_version: model_module_version } = state;
      return [id, { model_name, model_module, model_module_version, state }];
    });
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  } catch {
    return undefined;
  }
}

/** @param {URL | Location} url */
export function isWorkbookAddress(url) {
  return url.origin === location.origin && url.pathname.startsWith("/w/");
}

/**
 * Put a fetched page's words in the place of the present ones, and what it says of the partner.
 *
 * @param {Document} page
 */
export function swapMain(page) {
  const main = document.getElementById("main");
  const fresh = page.getElementById("main");
  if (!main || !fresh) throw new Error("a page without #main");
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  main.className = fresh.className;
  main.replaceChildren(...fresh.childNodes);
  const [waiting, waits] = [document.getElementById("waiting"), page.getElementById("waiting")];
  if (waiting && waits) {
    waiting.dataset.from = waits.dataset.from;
    // The same words again would be read out again.
    if (waiting.innerHTML !== waits.innerHTML) waiting.replaceChildren(...waits.childNodes);
  }
}
