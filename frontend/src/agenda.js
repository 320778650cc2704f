/**
 * The agenda of an evening, put in order by hand: `up`, `down`, `remove` and `add` without a round
 * to the server, dragging by a handle, and the sum of the minutes. Loaded on the page that prepares
 * an evening and nowhere else.
 *
 * The page works without it: every button is a submit of the form. What is sent is the form as it
 * stands, rows in their order; this changes nothing but that order.
 */

const rows = /** @type {HTMLOListElement} */ (document.getElementById("agenda-rows"));
const form = /** @type {HTMLFormElement} */ (rows.closest("form"));
const said = /** @type {HTMLElement} */ (document.getElementById("said"));
const added = /** @type {HTMLSelectElement} */ (document.getElementById("added"));
const addButton = /** @type {HTMLButtonElement} */ (document.getElementById("add"));
const begin = /** @type {HTMLInputElement} */ (document.getElementById("begin"));
const blankRow = /** @type {HTMLTemplateElement} */ (document.getElementById("agenda-row"));
const MOST_MINUTES = Number(rows.dataset.maxMinutes);
/** So near to the edge of what can be seen, a drag scrolls the page. */
const EDGE_PX = 64;

for (const row of each()) giveHandle(row);
settle();

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!(button instanceof HTMLButtonElement)) return;
  const [verb, key] = button.value.split(":");
  if (verb === "add") add();
  else if (verb === "up" || verb === "down") step(find(key), verb);
  else if (verb === "remove") remove(find(key));
  else return;
  event.preventDefault();
});
rows.addEventListener("input", addUp);
begin.addEventListener("input", addUp);

/** @returns {HTMLLIElement[]} */
function each() {
  return /** @type {HTMLLIElement[]} */ ([...rows.children]);
}

/** @param {string} key */
function find(key) {
  return each().find((row) => row.dataset.key === key);
}

/** @param {HTMLElement} row @param {string} verb */
function button(row, verb) {
  return /** @type {HTMLButtonElement} */ (row.querySelector(`button[value^="${verb}:"]`));
}

/** @param {HTMLLIElement | undefined} row @param {"up" | "down"} verb */
function step(row, verb) {
  if (!row) return;
  // The neighbour is moved, not the row: what leaves the page for a moment loses the focus.
  if (verb === "up" && row.previousElementSibling) row.after(row.previousElementSibling);
  else if (verb === "down" && row.nextElementSibling) row.before(row.nextElementSibling);
  else return;
  settle();
  // At either end one of the two buttons is of no use any more.
  const same = button(row, verb);
  (same.disabled ? button(row, verb === "up" ? "down" : "up") : same).focus();
  sayPlace(row);
}

/** @param {HTMLLIElement | undefined} row */
function remove(row) {
  if (!row) return;
  const { key, title } = row.dataset;
  const minutes = row.querySelector("input[name=minutes]");
  const typed = minutes instanceof HTMLInputElement ? minutes.value : "";
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  const option = new Option(`${title}${typed ? ` (${typed} min)` : ""}`, key);
  option.dataset.minutes = typed;
  option.dataset.title = title;
  added.add(option);
  settle();
  (next instanceof HTMLElement ? button(next, "remove") : addButton).focus();
  say(`${title} is off the agenda.`);
}

function add() {
  const option = added.selectedOptions[0];
  if (!option) return;
  const key = option.value;
  const title = option.dataset.title ?? option.text.replace(/ \(\d+ min\)$/, "");
  const row = /** @type {HTMLLIElement} */ (/** @type {DocumentFragment} */ (blankRow.content.cloneNode(true)).firstElementChild);
  row.dataset.key = key;
  row.dataset.title = title;
  field(row, "exercise").value = key;
  field(row, "minutes").value = option.dataset.minutes ?? "";
  const name = /** @type {HTMLElement} */ (row.querySelector(".rc-agenda__title"));
  name.textContent = title;
  const label = /** @type {HTMLElement} */ (row.querySelector(".rc-agenda__minutes > span"));
  label.textContent += title;
  for (const tool of row.querySelectorAll("button")) {
    tool.value += key;
    tool.setAttribute("aria-label", tool.getAttribute("aria-label") + title);
  }
  giveHandle(row);
  rows.append(row);
  option.remove();
  settle();
  addButton.focus();
  sayPlace(row);
}

/** @param {HTMLElement} row @param {string} name */
function field(row, name) {
  return /** @type {HTMLInputElement} */ (row.querySelector(`input[name=${name}]`));
}

/** Bring what hangs on the order up to date. */
function settle() {
  const all = each();
  all.forEach((row, place) => {
    button(row, "up").disabled = place === 0;
    button(row, "down").disabled = place === all.length - 1;
  });
  addButton.disabled = added.options.length === 0;
  addUp();
}

function addUp() {
  const total = each().reduce((sum, row) => sum + whole(field(row, "minutes").value.trim()), 0);
  const [hours, minutes] = begin.value.split(":").map(Number);
  let end = hours * 60 + minutes + total;
  end += (5 - (end % 5)) % 5;
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  put("total", String(total));
  put("until", begin.value ? `: until about ${two(Math.floor(end / 60) % 24)}:${two(end % 60)} if you begin at ${begin.value}` : "");
}

/** @param {string} text what counts for nothing is not counted, as on the server */
function whole(text) {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return number <= MOST_MINUTES ? number : 0;
}

/** @param {string} id @param {string} text */
function put(id, text) {
  const part = /** @type {HTMLElement} */ (document.getElementById(id));
  if (part.textContent !== text) part.textContent = text;
}

/** @param {HTMLElement} row */
function sayPlace(row) {
  const all = each();
  say(`${row.dataset.title} is now ${all.indexOf(/** @type {HTMLLIElement} */ (row)) + 1} of ${all.length}.`);
}

/** @param {string} words */
function say(words) {
  said.textContent = words;
}

/**
 * The handle is for a finger or a mouse; a keyboard has the two buttons, so it is not announced.
 *
 * @param {HTMLLIElement} row
 */
function giveHandle(row) {
  const handle = document.createElement("span");
  handle.className = "rc-agenda__handle";
  handle.setAttribute("aria-hidden", "true");
  row.prepend(handle);
  handle.addEventListener("pointerdown", (event) => {
    if (event.button === 0) drag(row, handle, event);
  });
}

/** @param {HTMLLIElement} row @param {HTMLElement} handle @param {PointerEvent} start */
function drag(row, handle, start) {
  const before = each();
  start.preventDefault();
  handle.setPointerCapture(start.pointerId);
  row.classList.add("rc-agenda__row--held");
  const done = new AbortController();
  const options = { signal: done.signal };

  /** @param {PointerEvent} event */
  const move = (event) => {
    if (event.clientY < EDGE_PX) window.scrollBy(0, -12);
    else if (event.clientY > window.innerHeight - EDGE_PX) window.scrollBy(0, 12);
    // Past the middle of a neighbour, it makes room; the held row stays in the page, or the
    // browser would take the pointer away from it.
    for (let above = row.previousElementSibling; above && event.clientY < middle(above); above = row.previousElementSibling) {
      row.after(above);
    }
    for (let below = row.nextElementSibling; below && event.clientY > middle(below); below = row.nextElementSibling) {
      row.before(below);
    }
  };
  /** @param {boolean} isKept */
  const end = (isKept) => {
    done.abort();
    row.classList.remove("rc-agenda__row--held");
    if (!isKept) rows.replaceChildren(...before);
    settle();
    if (isKept && before.indexOf(row) !== each().indexOf(row)) sayPlace(row);
  };
  handle.addEventListener("pointermove", move, options);
  handle.addEventListener("pointerup", () => end(true), options);
  handle.addEventListener("pointercancel", () => end(false), options);
  window.addEventListener("keydown", (event) => event.key === "Escape" && end(false), options);
}

/** @param {Element} row */
function middle(row) {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
}
