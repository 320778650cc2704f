/**
 * Every page loads this: quick exit, the connection's words, links turned in place, live news.
 *
 * It is small on purpose (the join page needs nothing else). What talks to a kernel is a second
 * file, the engine, named by the frame in `data-engine`; a workbook page preloads it, and a plain
 * page warms the cache with it when it has nothing better to do.
 */
import { askAgain } from "./ask-again.js";
import { brought, ready as broughtReady } from "./brought.js";
import { ready as deskReady } from "./desk.js";
import { ready as handOverReady } from "./hand-over.js";
import { ready as leaveReady } from "./leave.js";
import { followNews, refreshLiveParts } from "./live.js";
import { turnPagesInPlace } from "./navigate.js";
import { openWorkbook } from "./workbook.js";

/**
 * By then a page stands and has been answered for the first time. News loses nothing by coming later:
 * the server is told what the page was made from.
 */
const SETTLED_MS = 500;

const script = /** @type {HTMLScriptElement} */ (document.querySelector("script[data-engine]"));

leaveReady();
handOverReady();

const workbook = openWorkbook({
  engine: String(script.dataset.engine),
  controls: String(script.dataset.controls),
  controlsStyle: String(script.dataset.controlsStyle),
});
const goTo = turnPagesInPlace(workbook);
refreshLiveParts();
deskReady();
askAgain();

// News is for participants, on each of their pages; the frame has a place for it on no other.
if (document.getElementById("waiting")) {
  broughtReady(goTo);
  setTimeout(() => followNews("/live", brought), SETTLED_MS);
}
if (!workbook.isAlive && "requestIdleCallback" in window) requestIdleCallback(() => warm(String(script.dataset.engine)));

/** @param {string} href of a module that the next page will want */
function warm(href) {
  document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
}
