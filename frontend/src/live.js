/**
 * Live news over server-sent events. News only ever says *that* something is new; whoever cares
 * reads it again from where it is kept. So nothing is lost when an event is.
 */

const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Keep an EventSource open while the page can be seen.
 *
 * Hidden pages close theirs: a browser grants six connections per host, and each open stream of a
 * forgotten tab takes one.
 *
 * @param {string} url
 * @param {(what: string) => void} tell
 * @returns {() => void} stop
 */
function listen(url, tell) {
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let wait = FIRST_WAIT_MS;
  let opened = false;

  const open = () => {
    clearTimeout(timer);
    if (source || document.hidden) return;
    source = new EventSource(url);
    source.onopen = () => {
      wait = FIRST_WAIT_MS;
      if (opened) tell("again"); // something may have happened meanwhile
      opened = true;
    };
    source.onmessage = (event) => tell(what(event.data));
    source.onerror = () => {
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

/** @param {string} data */
function what(data) {
  try {
    return String(JSON.parse(data).what ?? "");
  } catch {
    return "";
  }
}

/**
 * Pass news on to the widgets as `reconnect:news`.
 *
 * @param {string} url
 */
export function followNews(url) {
  listen(url, (what) => window.dispatchEvent(new CustomEvent("reconnect:news", { detail: { what } })));
}

/**
 * Keep the parts of a plain page up to date that ask for it:
 * `<div id="roster" data-live="/facilitator/s/…/live">` is read again from this page's own address
 * whenever that stream says something.
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
        await readAgain(part).catch(() => undefined); // the next news brings it
      }
      busy = false;
    };
    listen(String(part.dataset.live), refresh);
  }
}

/** @param {HTMLElement} part */
async function readAgain(part) {
  const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
  // A person who is inside it (keyboard, screen reader) is not thrown out by a change elsewhere.
  if (fresh && fresh.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
    part.replaceChildren(...fresh.childNodes);
  }
}
