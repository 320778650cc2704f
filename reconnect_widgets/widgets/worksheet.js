// @ts-check
/**
 * One screen with things to fill in: heading, text, quotes, a clock, fields, actions.
 *
 * A new `token` is a new screen. Under the same token everything is brought up to date in place:
 * focus, caret and what is being typed are left alone. The markup in `html`, `after_html` and in
 * replies is our own; what a person typed comes as a quote or a text and is never read as markup.
 */

import { ClockView } from "./worksheet_clock.js";
import { ChoiceField, DateField, LinesField, TallyField } from "./worksheet_fields.js";
import { forgetKept, make, makeButton, makeLive } from "./worksheet_parts.js";
import { WriterField } from "./worksheet_writer.js";

/**
 * @typedef {import("./worksheet_parts.js").Model} Model
 * @typedef {import("./worksheet_parts.js").Spec} Spec
 * @typedef {import("./worksheet_parts.js").Held} Held
 * @typedef {import("./worksheet_parts.js").Sheet} Sheet
 * @typedef {{ id: string, label: string, kind: string, href: string, takes: string[],
 *   needs: string[] }} Action
 * @typedef {ChoiceField | DateField | LinesField | TallyField | WriterField} AnyField
 */

const FIELDS = {
  choice: ChoiceField, dateinput: DateField, lines: LinesField, tally: TallyField, writer: WriterField,
};
/** @type {Held} */
const NOTHING = { status: "", value: null, text: "" };

/** Back stands first, as on a page that is turned, then the way on, then all else; among choices of
 * equal weight it ends the list.
 * @param {Action[]} offered @param {boolean} isEqual */
function inOrder(offered, isEqual) {
  if (isEqual) return offered;
  const rank = (/** @type {Action} */ { id, kind }) => (id === "back" ? 0 : kind === "primary" ? 1 : 2);
  return [...offered].sort((one, other) => rank(one) - rank(other));
}

/** @implements {Sheet} */
class WorksheetView {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.el = el;
    /** Begins every id. The same each time, so that a page that is put in this one's place (the
     * kernel was lost) finds the field that had the focus; unless another worksheet is there. */
    this.name = "rc-worksheet";
    if (document.querySelector(`[id^="${this.name}-"]`)) {
      this.name += `-${Math.random().toString(36).slice(2)}`;
    }
    /** What the fields on the screen belong to; the model may already be at another screen. */
    this.at = { token: "", exercise: "", round: 1, tag: "" };
    /** @type {Map<string, { field: AnyField, spec: string }>} */
    this.fields = new Map();
    /** @type {Map<string, Held>} answers on their way, by field */
    this.waiting = new Map();
    /** @type {Set<string>} actions on their way */
    this.waitingActions = new Set();
    /** An action that was pressed and waits until everything before it is kept. */
    this.pending = "";
    /** @type {object | undefined} the clock's state as it was heard last */
    this.heardClock = undefined;
    /** @type {Record<string, string>} what was put on the screen last, to leave it if it is the same */
    this.shown = {};

    this.heading = make("h2", "rc-worksheet__heading");
    this.heading.tabIndex = -1;
    this.heading.dataset.heading = "";
    this.news = make("p", "rc-note rc-worksheet__news");
    this.news.setAttribute("role", "status");
    this.html = make("div", "rc-worksheet__text");
    this.quotes = make("div", "rc-quotes");
    this.clock = new ClockView(this, (action) => this.sayAction(action));
    this.fieldsEl = make("div", "rc-worksheet__fields");
    this.after = make("div", "rc-worksheet__text");
    this.privacy = make("p", "rc-privacy");
    this.hold = make("p", "rc-status rc-worksheet__hold"); // why an action does not act yet
    this.hold.setAttribute("role", "status");
    this.actions = make("div", "rc-actions");
    el.append(this.heading, this.news, this.html, this.quotes, this.clock.el, this.fieldsEl);
    el.append(this.after, this.privacy, this.actions, this.hold, makeLive());
    el.addEventListener("click", () => this.clock.arm());
  }

  // -- What fields ask of their sheet --------------------------------------------------------------

  get isClosed() {
    return this.model.get("is_closed");
  }

  get isRecorded() {
    return this.model.get("is_recorded");
  }

  /** @param {string} id @param {Record<string, string | number>} [values] */
  word(id, values = {}) {
    let text = String(this.model.get("words")[id] ?? "");
    for (const [name, value] of Object.entries(values)) {
      text = text.replace(`{${name}}`, () => String(value));
    }
    return text;
  }

  /** @param {string} key @returns {Held} what the record holds */
  recorded(key) {
    return this.model.get("answers")[key] ?? NOTHING;
  }

  /** @param {string} key @returns {Held} what the record holds, or will */
  held(key) {
    return this.waiting.get(key) ?? this.recorded(key);
  }

  /** @param {string} key */
  isWaiting(key) {
    return this.waiting.has(key);
  }

  /** @param {string} key where in sessionStorage its text is kept */
  keptKey(key) {
    return `${this.keptPrefix}${key}`;
  }

  get keptPrefix() {
    return `reconnect.text.${this.at.tag}.${this.at.exercise}.${this.at.round}.`;
  }

  /** @param {object} detail */
  say(detail) {
    // "Leave quickly" blanks the page and clears what was kept: nothing comes after that.
    if (document.documentElement.hidden) return;
    this.el.dispatchEvent(new CustomEvent("reconnect:say", { detail, bubbles: true }));
  }

  /** @param {string} item @param {string} status @param {number | string | null} value */
  sayAnswer(item, status, value) {
    const { exercise, round } = this.at;
    this.say({ type: "answer", exercise, round, item, status, value });
  }

  /** @param {string} item @param {string} text */
  sayText(item, text) {
    const { exercise, round } = this.at;
    this.say({ type: "text", exercise, round, item, text });
  }

  /** @param {string} field @param {number} seq @param {string} text */
  sayDraft(field, seq, text) {
    this.say({ type: "draft", stage: this.at.token, field, seq, text });
  }

  /** @param {string} action */
  sayAction(action) {
    this.say({ type: "action", stage: this.at.token, action });
  }

  /** A field was filled in or emptied: what can be done next may have changed. */
  changed() {
    this.el.dataset.look = this.clock.el.dataset.look ?? "";
    for (const button of this.actions.querySelectorAll("button")) {
      const action = this.actionOf(button);
      button.setAttribute("aria-disabled", String(!!action && this.missing(action) !== ""));
      const isBusy = button.dataset.action === this.pending;
      const waits = this.waitingActions.has(button.dataset.action ?? "");
      button.setAttribute("aria-busy", String(isBusy || waits));
    }
  }

  // -- The screen ----------------------------------------------------------------------------------

  /** Bring everything into line with the model. */
  show() {
    const { model, at } = this;
    const isNew = at.token !== model.get("token");
    const isFirst = at.token === "";
    if (isNew) {
      this.closeFields();
      const [token, exercise] = [model.get("token"), model.get("exercise")];
      this.at = { token, exercise, round: model.get("round"), tag: model.get("tag") };
      this.pending = "";
      this.hold.textContent = "";
    }
    this.heading.textContent = model.get("heading");
    if (this.news.textContent !== model.get("news")) this.news.textContent = model.get("news");
    this.put("html", this.html);
    this.put("after_html", this.after);
    this.privacy.textContent = model.get("privacy");
    this.privacy.dataset.privacy = model.get("privacy_kind");
    this.privacy.hidden = !model.get("privacy");
    this.showQuotes();
    this.showFields();
    this.showActions();
    this.showClock();
    this.changed();
    if (isNew && !isFirst) {
      this.el.dispatchEvent(new CustomEvent("reconnect:shown", { bubbles: true }));
    }
  }

  /** @param {string} name @param {HTMLElement} place */
  put(name, place) {
    const html = this.model.get(name);
    if (this.isSame(name, html)) return;
    place.innerHTML = html;
    place.hidden = !html;
  }

  /** @param {string} name @param {unknown} value */
  isSame(name, value) {
    const text = JSON.stringify(value);
    const isSame = this.shown[name] === text;
    this.shown[name] = text;
    return isSame;
  }

  showQuotes() {
    /** @type {{ label: string, text: string, note: string }[]} */
    const quotes = this.model.get("quotes");
    if (this.isSame("quotes", quotes)) return;
    const figures = quotes.map(({ label, text, note }) => {
      const figure = make("figure", "rc-quote");
      const quote = make("blockquote", "", text);
      quote.dir = "auto";
      const caption = make("figcaption", "", label);
      figure.append(caption, quote);
      if (note) figure.append(make("p", "rc-quote__note", note));
      return figure;
    });
    this.quotes.replaceChildren(...figures);
    this.quotes.hidden = quotes.length === 0;
  }

  showFields() {
    /** @type {Spec[]} */
    const specs = this.model.get("fields");
    const keys = new Set(specs.map((spec) => spec.key));
    for (const [key, { field }] of this.fields) if (!keys.has(key)) this.closeField(key, field);
    let before = this.fieldsEl.firstElementChild;
    for (const spec of specs) {
      const field = this.fieldFor(spec);
      // Moving an element takes its focus away: only what is not in its place is moved.
      if (field.el === before) before = before?.nextElementSibling ?? null;
      else this.fieldsEl.insertBefore(field.el, before);
      field.update();
    }
    this.fieldsEl.hidden = specs.length === 0;
  }

  /** @param {Spec} spec @returns {AnyField} */
  fieldFor(spec) {
    const text = JSON.stringify(spec);
    const known = this.fields.get(spec.key);
    if (known?.spec === text) return known.field;
    if (known) this.closeField(spec.key, known.field);
    const Kind = FIELDS[/** @type {keyof typeof FIELDS} */ (spec.kind)];
    const field = new Kind(this, spec);
    this.fields.set(spec.key, { field, spec: text });
    return field;
  }

  /** @param {string} key @param {AnyField} field */
  closeField(key, field) {
    if (!(field instanceof LinesField)) field.settle(); // a line half typed is kept, and not counted
    if (field instanceof WriterField) field.stop();
    field.status.stop();
    field.el.remove();
    this.fields.delete(key);
  }

  closeFields() {
    for (const [key, { field }] of [...this.fields]) this.closeField(key, field);
  }

  showClock() {
    const clock = this.model.get("clock");
    if (this.heardClock === clock) return;
    this.heardClock = clock;
    this.clock.hear(clock);
  }

  // -- Actions -------------------------------------------------------------------------------------

  showActions() {
    /** @type {Action[]} */
    const offered = this.model.get("actions");
    if (this.isSame("actions", [this.at.token, offered])) return;
    const focused = document.activeElement;
    const hadFocus = this.actions.contains(focused);
    const id = focused instanceof HTMLElement ? focused.dataset.action : undefined;
    const isEqual = offered.some((each) => each.kind === "choice");
    this.actions.classList.toggle("rc-actions--equal", isEqual);
    const buttons = inOrder(offered, isEqual).map((action) => this.makeAction(action));
    this.actions.replaceChildren(...buttons);
    this.actions.hidden = offered.length === 0;
    if (!hadFocus) return;
    // The button was made anew under the reader's finger: put the focus back on it.
    const same = id && this.actions.querySelector(`[data-action="${CSS.escape(id)}"]`);
    if (same instanceof HTMLElement) same.focus();
    else this.heading.focus();
  }

  /** @param {Action} action */
  makeAction(action) {
    const looks = `rc-button${action.kind === "quiet" ? " rc-button--quiet" : ""}`;
    if (action.href) {
      const link = make("a", looks, action.label);
      link.href = action.href;
      return link;
    }
    const button = makeButton(action.label, looks, () => this.press(action));
    button.dataset.action = action.id;
    return button;
  }

  /** @param {HTMLElement} button @returns {Action | undefined} */
  actionOf(button) {
    return this.model.get("actions").find((/** @type {Action} */ a) => a.id === button.dataset.action);
  }

  /** Say what an action still lacks; empty when nothing. @param {Action} action */
  missing(action) {
    for (const key of action.takes) {
      const field = this.fields.get(key)?.field;
      if (field instanceof WriterField && !field.text) {
        return this.word("write-first");
      }
    }
    for (const key of action.needs) {
      const known = this.fields.get(key);
      if (!known || known.field.isDealtWith) continue;
      return this.word(known.field instanceof ChoiceField ? "answer-first" : "write-first");
    }
    return "";
  }

  /** @param {Action} action */
  press(action) {
    if (action.id === "print") {
      window.print(); // nothing to be said of it, and nothing to wait for
      return;
    }
    if (this.pending) return;
    for (const { field } of this.fields.values()) field.settle();
    this.hold.textContent = this.missing(action);
    if (this.hold.textContent) return;
    for (const key of action.takes) {
      const field = this.fields.get(key)?.field;
      if (field instanceof WriterField) field.take();
    }
    if (action.id === "forget") this.forget();
    this.pending = action.id;
    this.goOn();
  }

  /** Send the action that was pressed as soon as everything before it is kept. */
  goOn() {
    if (!this.pending) return;
    const mustWait = this.waiting.size > 0;
    this.hold.textContent = mustWait ? this.word("sending") : "";
    if (!mustWait) {
      const { pending } = this;
      this.pending = "";
      this.sayAction(pending);
    }
    this.changed();
  }

  /** Let this browser forget what was typed here and not recorded. */
  forget() {
    forgetKept(this.keptPrefix);
    for (const { field } of this.fields.values()) if (field instanceof WriterField) field.forget();
  }

  // -- Hearing -------------------------------------------------------------------------------------

  /** @param {any[]} messages what waits in the outbox now */
  hearOutbox(messages) {
    const { exercise, round, token } = this.at;
    this.waiting.clear();
    this.waitingActions.clear();
    for (const m of messages) {
      if (m.type === "action" && m.stage === token) this.waitingActions.add(m.action);
      if (m.exercise !== exercise || m.round !== round) continue;
      const status = m.type === "text" ? (m.text ? "answered" : "skipped") : m.status;
      this.waiting.set(m.item, { status, value: m.value ?? null, text: m.text ?? "" });
    }
    for (const { field } of this.fields.values()) field.update();
    this.goOn();
    this.changed();
  }

  /** @param {{ item: string }} saved */
  hearSaved({ item }) {
    if (!this.waiting.has(item)) this.fields.get(item)?.field.hearSaved();
  }

  /** What went before an action was refused for good: the action has lost its ground.
   * @param {{ item: string, retry: boolean }} refused */
  hearRefused({ item, retry }) {
    if (retry) return;
    const field = this.fields.get(item)?.field;
    if (field instanceof WriterField) field.hearRefused();
    if (!this.pending) return;
    this.pending = "";
    this.hold.textContent = "";
    this.changed();
  }

  /** @param {any} message */
  hearKernel(message) {
    if (message.type !== "coach") return;
    const field = this.fields.get(message.field)?.field;
    if (field instanceof WriterField) field.hearCoach(message.seq, message.notes);
  }

  /** The page goes out of sight, perhaps for good: say what rests. */
  settle() {
    for (const { field } of this.fields.values()) {
      if (!(field instanceof LinesField)) field.settle();
    }
  }

  /** The page is seen again: a clock may have slept, and the kernel knows how it stands. */
  wake() {
    if (document.visibilityState === "hidden" || !this.clock.clock) return;
    this.say({ type: "refresh" });
    this.clock.tick();
  }
}

/** @param {{ model: Model, el: HTMLElement }} view */
function render({ model, el }) {
  el.classList.add("rc-worksheet");
  const sheet = new WorksheetView(model, el);
  const stop = new AbortController();
  const { signal } = stop;
  el.addEventListener("reconnect:outbox", (/** @type {any} */ event) => {
    sheet.hearOutbox(event.detail.messages);
  });
  el.addEventListener("reconnect:saved", (/** @type {any} */ event) => sheet.hearSaved(event.detail));
  el.addEventListener("reconnect:not-saved", (/** @type {any} */ event) => {
    sheet.hearRefused(event.detail);
  });
  el.addEventListener("reconnect:leaving", () => sheet.closeFields());
  // What rests is in the outbox before anything is put in the place of this page.
  window.addEventListener("reconnect:connection", () => sheet.settle(), { signal });
  document.addEventListener("visibilitychange", () => (sheet.settle(), sheet.wake()), { signal });
  window.addEventListener("pagehide", () => sheet.settle(), { signal });
  window.addEventListener("pageshow", (event) => event.persisted && sheet.wake(), { signal });
  document.addEventListener(
    "keydown",
    (event) => event.key === "Escape" && !event.repeat && sheet.clock.halt(),
    { signal },
  );
  model.on("change", () => sheet.show());
  model.on("msg:custom", (message) => sheet.hearKernel(message));
  sheet.show();
  return () => {
    sheet.closeFields();
    sheet.clock.close();
    stop.abort();
  };
}

export default { render };
