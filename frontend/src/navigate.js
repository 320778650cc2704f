/**
 * Workbook pages are turned in place: the kernel and the scripts stay, the address changes, Back
 * and Forward work. Whatever goes wrong, the browser loads the page the ordinary way.
 */
import { isWorkbookAddress } from "./fetch-page.js";

/**
 * @param {import("./workbook.js").Workbook} workbook
 * @returns {(url: URL) => void} goes to a page as a link to it would
 */
export function turnPagesInPlace(workbook) {
  if (!isWorkbookAddress(location)) return (url) => location.assign(url.href);
  history.scrollRestoration = "manual";
  /** How far down each visited entry was. @type {Map<number, number>} */
  const scrolls = new Map();
  let entry = 0;
  let shown = location.pathname + location.search;
  history.replaceState({ entry }, "");

  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a[href]");
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href);
    if (link.target || link.hasAttribute("download") || !isWorkbookAddress(url)) return;
    if (url.hash && url.pathname + url.search === location.pathname + location.search) return;
    event.preventDefault();
    goTo(url);
  });

  /** @param {URL} url */
  function goTo(url) {
    scrolls.set(entry, window.scrollY);
    turn(url, () => {
      entry += 1;
    });
  }

  window.addEventListener("popstate", (event) => {
    const address = location.pathname + location.search;
    if (address === shown) return; // only the fragment changed
    if (!isWorkbookAddress(location)) {
      location.reload();
      return;
    }
    scrolls.set(entry, window.scrollY);
    entry = event.state?.entry ?? 0;
    turn(new URL(location.href), undefined);
  });

  /**
   * @param {URL} url
   * @param {(() => void) | undefined} forward given when this is a step forward, not Back
   */
  async function turn(url, forward) {
    try {
      const page = await workbook.turnTo(url.href);
      if (!page) return; // a later click overtook it
      shown = page.url.pathname + page.url.search;
      if (forward) {
        forward();
        history.pushState({ entry }, "", page.url.href + url.hash);
      } else {
        history.replaceState({ entry }, "", page.url.href + url.hash);
      }
      workbook.put(page);
      moveTo(url.hash, forward ? 0 : (scrolls.get(entry) ?? 0));
    } catch {
      location.assign(url.href);
    }
  }

  return goTo;
}

/**
 * Move focus to the new heading, which a screen reader then reads, and scroll.
 *
 * @param {string} hash
 * @param {number} y
 */
function moveTo(hash, y) {
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  const named = hash ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
  const goal = /** @type {HTMLElement} */ (named ?? main.querySelector("h1") ?? main);
  if (!goal.hasAttribute("tabindex")) goal.tabIndex = -1;
  goal.focus({ preventScroll: true });
  if (named) named.scrollIntoView();
  else window.scrollTo(0, y);
}
