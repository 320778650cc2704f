/**
 * "Leave quickly". Without this script it is a link: GET /leave signs this browser out and
 * redirects. With it, the screen is blank before the network has said a word.
 */

const TAPS = 3;
const WITHIN_MS = 2000;

let left = false;

/** Make the link, and three times Escape, leave at once. */
export function ready() {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (!target.closest("#leave") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    leave();
  });

  /** @type {number[]} */
  let taps = [];
  window.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || event.repeat) return;
      taps = [...taps.filter((at) => event.timeStamp - at < WITHIN_MS), event.timeStamp];
      if (taps.length >= TAPS) leave();
    },
    { capture: true }, // before a dialog or widget takes the key for itself
  );

  // A browser may keep the page as it was and show it again on Back: it is blank then, start anew.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && left) location.replace("/");
  });
}

function leave() {
  left = true;
  const neutral = document.getElementById("leave")?.dataset.neutral ?? "/leave";
  document.documentElement.hidden = true;
  document.title = " ";
  try {
    sessionStorage.clear();
  } catch {
    // Storage may be forbidden. Then there is nothing in it.
  }
  navigator.sendBeacon("/leave");
  location.replace(neutral);
}
