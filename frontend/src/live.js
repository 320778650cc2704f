/**
 * Live news over server-sent events. News says *that* something is new; whoever cares reads it again
 * from where it is kept. So nothing is lost when an event is. The one thing said at once is where the
 * group was brought (`brought.js`).
 */
import { putFresh } from "./put-fresh.js";

const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 60_000;
/** A server that is started again is back before this; nobody needs to read about it. */
const QUIET_MS = 4000;
/** News for a whole room: its phones take so long to look again, one sooner, one later. */
const SPREAD_MS = 2000;
/** The server says something every 15 s at least: after this a network hangs without a word. */
const SILENCE_MS = 40_000;
/** A desk behind other windows is still in use: well within the hour after which it would be signed out. */
const HIDDEN_LOOK_MS = 600_000;
/** Where a facilitator's page leads when the log-in has ended. */
const SIGN_IN = "/facilitator/sign-in";

/**
 * Keep an EventSource open while the page can be seen.
 *
 * Hidden pages close theirs: a browser grants six connections per host, and each open stream of a
 * forgotten tab takes one.
 *
 * @typedef {{ what?: string, brought?: import("./brought.js").Call | null }} News
 *
 * @param {string} url
 * @param {(news: News) => void} tell
 * @param {(heardAt: Date | undefined) => void} [lost] called with the last sign of life when there
 *   is none any more, and with nothing when there is one again
 * @param {string} [first] the address until it has opened once
 * @returns {() => void} stop
 */
function listen(url, tell, lost = () => undefined, first = url) {
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let wait = FIRST_WAIT_MS;
  let opened = false;
  let heardAt = new Date();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let quiet;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;

  const heard = () => {
    heardAt = new Date();
    clearTimeout(quiet);
    quiet = undefined;
    clearTimeout(silence);
    silence = setTimeout(() => {
      lost(heardAt);
      close();
      open();
    }, SILENCE_MS);
    lost(undefined);
  };
  const open = () => {
    clearTimeout(timer);
    if (source || document.hidden) return;
    source = new EventSource(opened ? url : first);
    source.onopen = () => {
      wait = FIRST_WAIT_MS;
      heard();
      if (opened) tell({ what: "again" }); // something may have happened meanwhile
      opened = true;
    };
    source.onmessage = (event) => {
      heard();
      tell(read(event.data));
    };
    // How things stand when a page comes for the first time: it was sent with all of it. If
    // something happened in between, that is a message.
    source.addEventListener("hello", (event) => tell({ ...read(event.data), what: "hello" }));
    source.addEventListener("beat", heard);
    source.onerror = () => {
      quiet ??= setTimeout(() => lost(heardAt), QUIET_MS);
      // The browser itself tries again after a lost connection, but not after an HTTP error
      // (a server that is just starting, or is full).
      if (source?.readyState !== EventSource.CLOSED) return;
      close();
      timer = setTimeout(open, wait * (0.5 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  };
  const close = () => {
    source?.close();
    source = undefined;
    clearTimeout(timer);
    clearTimeout(silence);
  };
  const look = () => (document.hidden ? close() : open());

  document.addEventListener("visibilitychange", look);
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", look);
  open();
  return () => {
    close();
    document.removeEventListener("visibilitychange", look);
    window.removeEventListener("pagehide", close);
    window.removeEventListener("pageshow", look);
  };
}

/** @param {string} data @returns {News} */
function read(data) {
  try {
    return JSON.parse(data) ?? {};
  } catch {
    return {};
  }
}

/**
 * Pass news on to the widgets as `reconnect:news`, and read again the parts of the page that follow
 * it: `<div id="waiting" data-follows-news data-from="/w/">`, from there or from this page's address.
 * News of the whole group is no business of widgets, and two hundred phones do not ask at once; nor
 * when all get a part in a small group (`part`), which the widgets are told.
 *
 * @param {string} url
 * @param {(call: import("./brought.js").Call | null) => void} brought
 */
export function followNews(url, brought) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let later;
  /** @type {string | undefined} what the widgets are still to be told */
  let untold;
  const look = () => {
    clearTimeout(later);
    later = undefined;
    if (untold) window.dispatchEvent(new CustomEvent("reconnect:news", { detail: { what: untold } }));
    untold = undefined;
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-follows-news][id]"))) {
      void readAgain(part, part.dataset.from)
        // Where this person's pages lead elsewhere, the seat was freed: the start page says so.
        .then((elsewhere) => elsewhere && new URL(elsewhere).pathname === "/" && location.replace(elsewhere))
        .catch(() => undefined); // the next news brings it
    }
  };
  const shown = document.getElementById("waiting")?.dataset.shown ?? "";
  const hear = (/** @type {News} */ { what, brought: call }) => {
    if (call !== undefined) brought(call);
    if (what === "hello") return;
    if (what !== "group") untold = what ?? "new";
    if (what === "group" || what === "part") later ??= setTimeout(look, Math.random() * SPREAD_MS);
    else look();
  };
  listen(url, hear, undefined, `${url}?shown=${encodeURIComponent(shown)}`);
}

/**
 * Keep the parts of a plain page up to date that ask for it:
 * `<div id="roster" data-live="/facilitator/s/…/live">` is read again from this page's own address
 * whenever that stream says something. When the stream is lost, `data-stale` says since when, in
 * the place of `{time}`, above the part. A page whose log-in has ended goes to the sign-in by itself:
 * what is on it is nobody's to see any more. A page that is projected (`data-blank-when-out`) goes blank.
 */
export function refreshLiveParts() {
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-live][id]"))) {
    let busy = false;
    let again = false;
    const refresh = async () => {
      again = true;
      if (busy) return;
      busy = true;
      while (again) {
        again = false;
        const elsewhere = await readAgain(part).catch(() => undefined); // the next news brings it
        if (!elsewhere || new URL(elsewhere).pathname !== SIGN_IN) continue;
        if ("blankWhenOut" in part.dataset) part.replaceChildren();
        else location.replace(elsewhere);
      }
      busy = false;
    };
    setInterval(() => document.hidden && void refresh(), HIDDEN_LOOK_MS);
    const note = staleNote(part);
    listen(String(part.dataset.live), refresh, (heardAt) => {
      note(heardAt);
      if (heardAt) void refresh(); // silent because the server is away, or because we were signed out?
    });
  }
}

/**
 * @param {HTMLElement} part
 * @returns {(heardAt: Date | undefined) => void}
 */
function staleNote(part) {
  const note = document.createElement("p");
  note.className = "rc-note";
  note.setAttribute("role", "status"); // it has to be there before it speaks
  part.before(note);
  const template = part.dataset.stale ?? "";
  return (heardAt) => {
    const time = heardAt?.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
    const words = time ? template.replace("{time}", time) : "";
    if (note.textContent !== words) note.textContent = words;
  };
}

/**
 * @param {HTMLElement} part
 * @param {string} [from]
 * @returns {Promise<string | undefined>} where the server led instead, if it did
 */
async function readAgain(part, from = location.href) {
  const answer = await fetch(from, { cache: "no-store", headers: { Accept: "text/html" } });
  if (answer.redirected) return answer.url;
  if (!answer.ok) return undefined;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
  if (!part.isConnected || (part.dataset.from ?? from) !== from) return undefined; // a page was turned meanwhile
  if (fresh) putFresh(part, fresh);
  // What stood here in the place of something is over: that is there now.
  else if ("orReload" in part.dataset) location.reload();
  return undefined;
}
