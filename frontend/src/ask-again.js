/**
 * A page that could not be made just now (the room is full, or the machine is out of breath) asks
 * for itself again. It is loaded anew only when there is something else to see, so whoever reads it
 * or has it read aloud is left in peace; a refresh by the browser would begin again each time.
 */

import { TURNED } from "./fetch-page.js";

/** Start asking, if this page says how long to wait: `<main><p data-ask-again="10">`. */
export function askAgain() {
  const seconds = Number(document.querySelector("[data-ask-again]")?.getAttribute("data-ask-again"));
  if (!(seconds > 0)) return;
  // Half of it random: a whole room stands before the same page.
  const later = () => setTimeout(ask, seconds * 1000 * (0.5 + Math.random() / 2));
  async function ask() {
    if (document.hidden) {
      document.addEventListener("visibilitychange", ask, { once: true });
      return;
    }
    const status = await fetch(location.href, { cache: "no-store", headers: TURNED })
      .then((answer) => answer.status)
      .catch(() => 503); // nobody there: as good as full
    if (status === 503) later();
    else location.reload();
  }
  later();
}
