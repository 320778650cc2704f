/**
 * The facilitator brings everybody to an exercise: this page says so, and goes there after a moment.
 *
 * Nobody is torn out of a sentence. Whoever writes, has written something that nobody has got yet, or
 * sits with the phone put away, is asked, and stays until they go themselves; so is whoever reads
 * where to turn, or is at their own place (`/me`). The line under the header stays for them. Each act
 * of the desk is dealt with once by a browser (its id is noted), so a reload does not begin again.
 */

/**
 * @typedef {{ id: string, href: string, title: string, moves: boolean }} Call where the group is
 */

const SOON_MS = 3000;
/** And one phone a little after the other: two hundred pages are made then. */
const SPREAD_MS = 1500;
/** Somebody who pressed a key within this time is writing, also when the field is empty. */
const TYPED_MS = 4000;
const KEPT = "reconnect:brought";

/** @type {Call | null} */
let call = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let typedAt = -Infinity;
let keyAt = -Infinity;
/** @type {HTMLElement | undefined} */
let notice;
/** @type {HTMLElement} */
let words;
/** @type {(url: URL) => void} */
let go = (url) => location.assign(url.href);

/**
 * Begin to follow the group.
 *
 * @param {(url: URL) => void} goTo turns the page, in place where that is possible
 */
export function ready(goTo) {
  const line = document.getElementById("waiting");
  if (!line) return;
  go = goTo;
  notice = document.createElement("div");
  notice.className = "rc-brought";
  words = document.createElement("p");
  words.setAttribute("role", "status"); // it has to be there before it speaks
  notice.append(words);
  document.body.append(notice);
  document.addEventListener("input", () => (typedAt = performance.now()), { capture: true });
  document.addEventListener("keydown", () => (keyAt = performance.now()), { capture: true });
  // What a page was sent with, and what a page that was turned to says.
  const look = () => brought(readLine(line));
  new MutationObserver(look).observe(line, { childList: true });
  look();
}

/** Where the group is, as the server says it at once. @param {Call | null} now */
export function brought(now) {
  if (!notice || (now === null && call === null)) return;
  if (now?.id === call?.id && now?.moves === call?.moves) return;
  call = now;
  hide();
  if (call === null || kept() === mark(call)) return;
  if (isThere(call)) done(call);
  else if (!call.moves) ask(call, `The group is going to “${call.title}”. It waits until you have made your choice at the beginning.`);
  else if (isBusy()) offer(call);
  else announce(call);
}

/** @param {HTMLElement} line @returns {Call | null} */
function readLine(line) {
  const said = /** @type {HTMLElement | null} */ (line.querySelector("[data-brought]"));
  const { brought: id, href, title, stays } = said?.dataset ?? {};
  if (id && href && title) return { id, href, title, moves: stays === undefined };
  // A page of the very place has no such line. That everybody was let go comes as news.
  return call && isThere(call) ? call : null;
}

/** @param {Call} to */
function announce(to) {
  say(`Everybody is going to “${to.title}”. You go there in a moment.`, [
    ["Go there now", () => leave(to)],
    ["Finish first", () => done(to)],
  ]);
  const saidAt = performance.now();
  timer = setTimeout(
    () => {
      if (isThere(to)) done(to);
      // Whoever is on the keyboard may be on the way to the buttons, which are the last of the page.
      else if (isBusy() || keyAt > saidAt || notice?.contains(document.activeElement)) offer(to);
      else leave(to);
    },
    SOON_MS + Math.random() * SPREAD_MS,
  );
}

/** @param {Call} to */
function offer(to) {
  ask(to, `Everybody is going to “${to.title}”. Finish what you are at first, if you like.`);
}

/** @param {Call} to @param {string} sentence */
function ask(to, sentence) {
  /** @type {[string, () => void][]} */
  const choices = to.moves
    ? [
        ["Go there now", () => leave(to)],
        ["Finish first", () => done(to)],
      ]
    : [["All right", () => done(to)]];
  say(sentence, choices);
}

/** @param {Call} to */
function leave(to) {
  done(to);
  go(new URL(to.href, location.href));
}

/** This act needs nothing more of this browser. @param {Call} to */
function done(to) {
  hide();
  try {
    sessionStorage.setItem(KEPT, mark(to));
  } catch {
    // Storage may be forbidden. Then a reload says it again.
  }
}

function kept() {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** @param {string} sentence @param {[string, () => void][]} choices */
function say(sentence, choices) {
  clearTimeout(timer);
  if (words.textContent !== sentence) words.textContent = sentence; // or it is read out again
  const buttons = choices.map(([label, act], index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = index === 0 ? "rc-button" : "rc-button rc-button--quiet";
    button.textContent = label;
    button.addEventListener("click", act);
    return button;
  });
  const focused = [...(notice?.querySelectorAll("button") ?? [])].findIndex((button) => button === document.activeElement);
  notice?.replaceChildren(words, ...buttons);
  if (focused >= 0) buttons[Math.min(focused, buttons.length - 1)].focus({ preventScroll: true });
}

function hide() {
  clearTimeout(timer);
  if (!notice) return;
  const hadFocus = notice.contains(document.activeElement);
  words.textContent = "";
  notice.replaceChildren(words);
  if (hadFocus) document.getElementById("main")?.focus({ preventScroll: true });
}

/** @param {Call} to */
function isThere(to) {
  return to.moves && location.pathname === to.href;
}

/** Who made the choice since is brought then. @param {Call} to */
function mark(to) {
  return to.moves ? to.id : `${to.id} after the choice`;
}

/** Whether going away now would take this person out of something. */
function isBusy() {
  if (!location.pathname.startsWith("/w/") || location.pathname === "/w/safety") return true;
  if (document.querySelector('.rc-worksheet[data-look="dark"]')) return true;
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#main :is(textarea, input[type='text'])"));
  return Array.from(fields).some((field) => {
    if (field.readOnly || field.disabled || field.offsetParent === null) return false;
    const isWriting = field === document.activeElement;
    if (isWriting && performance.now() - typedAt < TYPED_MS) return true;
    // What is recorded as it is written is not lost; while somebody is in it, it is not finished.
    return field.value.trim() !== "" && (isWriting || field.dataset.keep !== "recorded");
  });
}
