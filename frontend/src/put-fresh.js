/**
 * A part of a page that was read again, put in the place of the present one without disturbing
 * whoever is on it.
 */

/**
 * What each piece was made of when it was put in place: people open details, and type.
 *
 * @type {WeakMap<Element, string>}
 */
const made = new WeakMap();

/**
 * A person who is inside a part (keyboard, screen reader) is not thrown out by a change elsewhere:
 * such a part waits for the next news. A part with `data-in-pieces` is put piece by piece, each child
 * with an id being one; who is inside keeps the focus on what has the same id, and what is open or
 * typed stays so. A piece with `role="status"` stays where it is and takes the new words: a screen
 * reader reads out what changes in such a place, and not a place that is new.
 *
 * @param {HTMLElement} part
 * @param {HTMLElement} fresh
 */
export function putFresh(part, fresh) {
  if (!("inPieces" in part.dataset)) {
    if (fresh.innerHTML === part.innerHTML || part.contains(document.activeElement)) return;
    part.replaceChildren(...fresh.childNodes);
    return;
  }
  const y = window.scrollY;
  for (const piece of Array.from(fresh.children)) {
    const old = part.querySelector(`:scope > #${CSS.escape(piece.id)}`);
    const html = piece.outerHTML;
    if (!old || html === (made.get(old) ?? old.outerHTML)) continue;
    if (piece.getAttribute("role") === "status") {
      old.replaceChildren(...piece.childNodes);
      made.set(old, html);
      continue;
    }
    keep(old, piece);
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(piece);
    made.set(piece, html);
    if (focused) focusAgain(piece, focused);
  }
  if (window.scrollY !== y) window.scrollTo(0, y);
}

/** @param {Element} old @param {Element} piece */
function keep(old, piece) {
  for (const open of old.querySelectorAll("details[id][open]")) {
    piece.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute("open", "");
  }
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (old.querySelectorAll("input[id]"))) {
    const same = piece.querySelector(`#${CSS.escape(input.id)}`);
    if (same instanceof HTMLInputElement && input.value !== input.defaultValue) same.value = input.value;
  }
}

/**
 * A button that was pressed is often gone: where it stood is then the place to go on from.
 *
 * @param {Element} piece
 * @param {Element} focused
 */
function focusAgain(piece, focused) {
  const where = focused.closest("[id][tabindex]");
  for (const id of [focused.id, where?.id]) {
    const goal = id ? piece.querySelector(`#${CSS.escape(id)}`) : null;
    if (goal instanceof HTMLElement) {
      goal.focus({ preventScroll: true });
      return;
    }
  }
}
