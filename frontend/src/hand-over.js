/**
 * A phone that two share: nothing of one stays on the screen for the other.
 *
 * The server already opens neither's pages while the phone is handed over. What is left to the
 * browser is what it shows without asking: a page that it kept for Back, and other tabs.
 */

const CHANNEL = "reconnect.phone";

/** Watch over this page, if it is one of a shared phone. */
export function ready() {
  const isBetween = document.querySelector("[data-handed-over]") !== null;
  if (!isBetween && !whoseTurn(document)) return;
  // Not in Safari before 15.4: there another tab asks anew when it is touched.
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(CHANNEL) : undefined;
  if (isBetween) {
    channel?.postMessage("handed over");
    return;
  }
  channel?.addEventListener("message", startAnew);
  window.addEventListener("pagehide", blank);
  window.addEventListener("pageshow", (event) => event.persisted && startAnew());
}

/**
 * Say whose page this is, on a shared phone; empty on anybody's own.
 *
 * @param {Document} page
 */
export function whoseTurn(page) {
  return page.querySelector(".rc-turn p")?.textContent ?? "";
}

function blank() {
  document.documentElement.hidden = true;
}

function startAnew() {
  blank();
  location.reload();
}
