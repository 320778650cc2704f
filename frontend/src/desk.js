/**
 * The session desk: a button acts without loading the page, and the page keeps its place.
 *
 * The forms work without this. With it, what was pressed goes by `fetch`; the answer is the desk as
 * it is now, and its live part is put in place. What could not be sent is said, and is sent again
 * only when somebody says so: an act that comes ten minutes late would be a surprise to a room.
 */
import { putFresh } from "./put-fresh.js";

const PATIENCE_MS = 8000;

/** What is on its way, by what it says. */
const underWay = new Set();

/** Take the desk's forms over, if this page has any: `<form data-desk>`. */
export function ready() {
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    const button = event.submitter;
    if (!("desk" in form.dataset) || !(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) body.append(name, String(value));
    body.append(button.name, button.value);
    const label = button.getAttribute("aria-label") ?? button.textContent?.trim() ?? "";
    void send(form, body, label);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {URLSearchParams} body
 * @param {string} label what the button says
 */
async function send(form, body, label) {
  const act = String(body);
  if (underWay.has(act)) return; // a second tap
  underWay.add(act);
  form.setAttribute("aria-busy", "true");
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(form.action, { method: "POST", body, cache: "no-store", signal: giveUp.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = document.getElementById("desk");
    const fresh = page.getElementById("desk");
    if (!answer.ok || !part || !fresh) {
      // The log-in has ended, or the session is gone: the server's own words say which.
      location.reload();
      return;
    }
    putFresh(part, fresh);
    const said = page.getElementById("desk-said")?.textContent ?? "";
    hear(said);
    if (form.dataset.desk === "note" && !said) form.reset();
  } catch {
    notSent(form, body, label);
  } finally {
    clearTimeout(timer);
    underWay.delete(act);
    form.removeAttribute("aria-busy");
  }
}

/** @param {string} sentence */
function hear(sentence) {
  const said = document.getElementById("desk-said");
  if (said && said.textContent !== sentence) said.textContent = sentence;
}

/**
 * Say what was not sent, with a way to send it now and a way to let it be.
 *
 * @param {HTMLFormElement} form
 * @param {URLSearchParams} body
 * @param {string} label
 */
function notSent(form, body, label) {
  const list = document.getElementById("desk-unsent");
  if (!list) return;
  const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
  const line = document.createElement("div");
  line.className = "rc-error";
  const words = document.createElement("p");
  words.textContent = `${time}: “${label}” did not arrive. The workbook does not answer.`;
  const row = document.createElement("p");
  row.className = "rc-actions";
  row.append(
    makeButton("Try again", () => {
      line.remove();
      void send(form, body, label);
    }),
    makeButton("Let it be", () => line.remove()),
  );
  line.append(words, row);
  list.append(line);
}

/** @param {string} label @param {() => void} act */
function makeButton(label, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "rc-button rc-button--quiet";
  button.textContent = label;
  button.addEventListener("click", act);
  return button;
}
