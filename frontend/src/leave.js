/**
 * "Leave quickly". Without this script it is a link: GET /leave signs this browser out and leads to
 * a neutral page of the workbook's own, which needs no internet. With it, the screen is blank before
 * the network has said a word, and a workbook that does not answer is passed over: the browser's
 * error page would show its address.
 */

const TAPS = 3;
const WITHIN_MS = 2000;
const PATIENCE_MS = 1500;

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
    if (event.persisted && left) location.replace("/leave");
  });
}

async function leave() {
  if (left) return;
  left = true;
  const elsewhere = document.getElementById("leave")?.dataset.neutral ?? "/leave";
  document.documentElement.hidden = true;
  document.title = " ";
  try {
    sessionStorage.clear();
  } catch {
    // Storage may be forbidden. Then there is nothing in it.
  }
  location.replace((await signOut()) ? "/leave" : elsewhere);
}

/** Tell the server, also when this page is gone before it has heard; say whether it answered. */
function signOut() {
  const told = fetch("/leave", { method: "POST", keepalive: true }).then(
    (answer) => answer.ok,
    () => false,
  );
  const waited = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, false));
  return Promise.race([told, waited]);
}
