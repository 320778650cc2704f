// @ts-check
/**
 * Questions one at a time, over native radio buttons.
 *
 * Choosing an option records it but does not move on by itself: arrow keys move through native
 * radios by choosing them, a screen reader would be carried away in mid-sentence (WCAG 3.2.2), and
 * a tired thumb that slips can put it right first. "Next" stays in one place instead.
 *
 * What is shown as answered is the kernel's `answers` with what waits in the outbox laid over.
 *
 * @typedef {{ get(name: string): any,
 *   on(name: string, callback: (...args: any[]) => void): void }} Model
 * @typedef {{ status: string, value: number | null }} Answer
 * @typedef {{ key: string, text: string, hint: string }} Question
 */

const REVIEW = "review"; // the place after the last question; no question has this key
const SETTLE_MS = 600; // arrow keys pass through options on the way to the one that is meant
const SAVING_MS = 800; // a save faster than this needs no word of its own
const LATE_MS = 4_000;

/** @param {string} tag @param {string} [className] @param {string} [text] @returns {any} */
function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

/** @param {string} label @param {string} looks @param {() => void} act */
function makeButton(label, looks, act) {
  const button = make("button", looks, label);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

/** Where this person stands in a sheet, over a reload of this tab. @param {string} key */
const keptPlace = (key) => {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null; // without storage a reload goes to the first question without an answer
  }
};

/** @param {string} key @param {string} place */
const keepPlace = (key, place) => {
  try {
    sessionStorage.setItem(key, place);
  } catch {
    // see keptPlace
  }
};

class SheetView {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.name = `rc-${Math.random().toString(36).slice(2)}`; // the radio group's, in this page
    this.token = "";
    this.at = REVIEW;
    this.isFromReview = false;
    this.isFinishing = false;
    this.isOpen = true; // as it is drawn
    /** @type {Map<string, Answer>} answers on their way, by question */
    this.waiting = new Map();
    /** @type {{ timer: any, send: () => void } | undefined} an arrow-key choice not yet sent */
    this.settling = undefined;
    this.byArrow = false;
    /** @type {any[]} */
    this.timers = [];
    this.mark = make("span"); // for the eye alone: what was so already
    this.live = make("span"); // spoken: what has just become so
  }

  /** @returns {Question[]} */
  get questions() {
    return this.model.get("questions");
  }

  /** @param {string} id @param {Record<string, string | number>} [values] */
  word(id, values = {}) {
    let text = String(this.model.get("words")[id] ?? "");
    for (const [name, value] of Object.entries(values)) {
      text = text.replace(`{${name}}`, String(value));
    }
    return text;
  }

  /** @param {string} key @returns {Answer | undefined} */
  answerOf(key) {
    return this.waiting.get(key) ?? this.model.get("answers")[key];
  }

  /** @param {string} key */
  isAnswered(key) {
    return this.answerOf(key)?.status === "answered";
  }

  get placeKey() {
    return `reconnect.place.${this.model.get("tag")}.${this.model.get("token")}`;
  }

  /** The place kept in this tab, else the first question that was never dealt with. */
  start() {
    this.token = this.model.get("token");
    this.isFinishing = false;
    const keys = this.questions.map((question) => question.key);
    const kept = keptPlace(this.placeKey);
    if (kept && (kept === REVIEW || keys.includes(kept))) this.at = kept;
    else this.at = keys.find((key) => !this.answerOf(key)) ?? REVIEW;
    this.draw();
  }

  /** @param {string} place */
  go(place) {
    this.settle();
    this.isFinishing = false;
    this.at = place;
    keepPlace(this.placeKey, place);
    this.draw();
    this.el.dispatchEvent(new CustomEvent("reconnect:shown", { bubbles: true }));
  }

  /** @param {object} detail */
  say(detail) {
    this.el.dispatchEvent(new CustomEvent("reconnect:say", { detail, bubbles: true }));
  }

  /** @param {string} item @param {string} status @param {number | null} value */
  sayAnswer(item, status, value) {
    const { model } = this;
    const [exercise, round] = [model.get("exercise"), model.get("round")];
    this.say({ type: "answer", exercise, round, item, status, value });
  }

  /** Send an arrow-key choice that still rests. */
  settle() {
    if (!this.settling) return;
    clearTimeout(this.settling.timer);
    const { send } = this.settling;
    this.settling = undefined;
    send();
  }

  draw() {
    this.isOpen = this.model.get("is_open");
    const index = this.questions.findIndex((question) => question.key === this.at);
    const status = make("p", "rc-status rc-sheet__status");
    this.mark = make("span");
    this.live = make("span");
    this.mark.setAttribute("aria-hidden", "true");
    this.live.setAttribute("role", "status");
    status.append(this.mark, this.live);
    if (index < 0) this.drawReview(status);
    else this.drawQuestion(this.questions[index], index, status);
    this.show();
  }

  /** @param {Question} question @param {number} index @param {HTMLElement} status */
  drawQuestion(question, index, status) {
    const where = this.makeWhere(index);
    const set = make("fieldset", "rc-sheet__set");
    const legend = make("legend");
    const heading = this.makeHeading(question.text);
    heading.setAttribute("aria-describedby", `${this.name}-where ${this.name}-hint`);
    legend.append(heading);
    const hint = make("p", "rc-sheet__hint", question.hint || this.model.get("lead"));
    hint.id = `${this.name}-hint`;
    set.append(legend, hint);
    const choices = make("div", "rc-choices");
    for (const option of this.model.get("options")) {
      choices.append(this.makeOption(question, option));
    }
    set.append(choices);

    const quiet = "rc-button rc-button--quiet";
    const back = makeButton(this.word("back"), quiet, () => {
      this.isFromReview = false;
      this.go(this.questions[index - 1].key);
    });
    back.hidden = index === 0;
    const next = makeButton(this.word("next"), "rc-button", () => {
      this.settle();
      if (this.answerOf(question.key) || !this.isOpen) this.go(this.placeAfter(index));
      else this.live.textContent = this.word("choose-first");
    });
    const row = make("div", "rc-sheet__row");
    row.append(back, next);
    const skipRow = make("div", "rc-sheet__beside");
    const skip = makeButton("", "rc-link rc-sheet__skip", () => {
      const isTakenBack = this.isAnswered(question.key);
      this.settling = undefined;
      this.sayAnswer(question.key, "skipped", null);
      if (!isTakenBack) this.go(this.placeAfter(index));
    });
    skip.hidden = !this.isOpen;
    const privacy = make("p", "rc-privacy", this.model.get("privacy"));
    privacy.dataset.privacy = this.model.get("privacy_kind");
    privacy.hidden = !this.model.get("privacy");
    skipRow.append(skip, status);
    this.el.replaceChildren(where, set, skipRow, privacy, row);
  }

  /** @param {number} index */
  makeWhere(index) {
    const count = this.questions.length;
    const where = make("div", "rc-sheet__where");
    const text = make("p", "", this.word("progress", { n: index + 1, count }));
    text.id = `${this.name}-where`;
    const bar = make("progress");
    bar.max = count;
    bar.value = index + 1;
    bar.setAttribute("aria-hidden", "true"); // the words beside it say the same
    where.append(text, bar);
    return where;
  }

  /** @param {string} text */
  makeHeading(text) {
    const heading = make("h2", "rc-sheet__stem", text);
    heading.tabIndex = -1;
    heading.dataset.heading = "";
    return heading;
  }

  /** @param {Question} question @param {{ value: number, label: string }} option */
  makeOption(question, option) {
    const label = make("label", "rc-choice");
    const input = make("input");
    Object.assign(input, { type: "radio", name: this.name, value: String(option.value) });
    input.disabled = !this.isOpen;
    label.addEventListener("pointerdown", () => (this.byArrow = false));
    input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      this.byArrow = event.key.startsWith("Arrow");
    });
    input.addEventListener("change", () => {
      clearTimeout(this.settling?.timer);
      const send = () => this.sayAnswer(question.key, "answered", option.value);
      this.settling = { send, timer: setTimeout(() => this.settle(), SETTLE_MS) };
      if (!this.byArrow) this.settle();
    });
    label.append(input, make("span", "", option.label));
    return label;
  }

  /** @param {number} index */
  placeAfter(index) {
    return this.isFromReview ? REVIEW : (this.questions[index + 1]?.key ?? REVIEW);
  }

  /** @param {HTMLElement} status */
  drawReview(status) {
    this.isFromReview = false;
    const open = this.questions.filter((question) => !this.isAnswered(question.key));
    const kind = this.isOpen ? "review-skipped" : "review-over";
    const summary = ["review-all", `${kind}-one`][open.length] ?? `${kind}-many`;
    const text = make("p", "rc-sheet__summary", this.word(summary, { n: open.length }));
    const list = make("ul", "rc-sheet__open");
    for (const question of open) {
      const item = make("li");
      const visit = makeButton(question.text, "rc-link", () => {
        this.go(question.key);
        this.isFromReview = true;
      });
      item.append(this.isOpen ? visit : make("p", "", question.text));
      list.append(item);
    }
    const last = this.questions[this.questions.length - 1];
    const row = make("div", "rc-sheet__row");
    row.append(
      makeButton(this.word("back"), "rc-button rc-button--quiet", () => this.go(last.key)),
      makeButton(this.word("finish"), "rc-button", () => this.finish()),
    );
    const heading = this.makeHeading(this.word("review-heading"));
    heading.classList.add("rc-sheet__stem--review");
    this.el.replaceChildren(heading, text, ...(open.length ? [list] : []), status, row);
  }

  /** Go on only when every answer is acknowledged; until then say so and go on by itself. */
  finish() {
    this.isFinishing = this.waiting.size > 0;
    this.live.textContent = this.isFinishing ? this.word("finishing") : "";
    if (this.isFinishing) return;
    this.say({ type: "action", stage: this.token, action: this.model.get("finish") });
  }

  /** Bring the options, the skip button and the silent mark into line with what is known. */
  show() {
    this.timers.forEach(clearTimeout);
    this.timers = [];
    const answer = this.answerOf(this.at);
    for (const input of this.el.querySelectorAll("input")) {
      if (!this.settling) input.checked = String(answer?.value ?? "") === input.value;
    }
    const skip = this.el.querySelector(".rc-sheet__skip");
    if (skip) skip.textContent = this.word(this.isAnswered(this.at) ? "clear" : "skip");
    this.mark.textContent = "";
    if (this.waiting.has(this.at)) {
      this.live.textContent = "";
      const later = (/** @type {string} */ id, /** @type {number} */ ms) =>
        this.timers.push(setTimeout(() => (this.mark.textContent = this.word(id)), ms));
      later("saving", SAVING_MS);
      later("not-saved-yet", LATE_MS);
    } else if (answer && !this.live.textContent) {
      this.mark.textContent = this.doneWord(answer);
    }
  }

  /** @param {Answer} answer */
  doneWord(answer) {
    if (!this.model.get("is_recorded")) return this.word("not-recorded");
    return this.word(answer.status === "answered" ? "saved" : "skipped");
  }

  /** @param {any[]} messages what waits in the outbox now */
  hearOutbox(messages) {
    const [exercise, round] = [this.model.get("exercise"), this.model.get("round")];
    const ours = messages.filter((m) => m.exercise === exercise && m.round === round);
    this.waiting = new Map(ours.map((m) => [m.item, { status: m.status, value: m.value }]));
    this.show();
    if (this.isFinishing) this.finish();
  }

  /** @param {{ item: string }} saved */
  hearSaved(saved) {
    const answer = this.answerOf(saved.item);
    if (saved.item !== this.at || !answer || this.waiting.has(saved.item)) return;
    this.mark.textContent = "";
    this.live.textContent = this.doneWord(answer);
  }

  /** The session was closed or opened: the same place, with other controls. */
  redraw() {
    const hadFocus = this.el.contains(document.activeElement);
    clearTimeout(this.settling?.timer);
    this.settling = undefined;
    this.draw();
    const heading = this.el.querySelector("[data-heading]");
    if (hadFocus && heading instanceof HTMLElement) heading.focus();
  }

  /** New state from the kernel: another sheet, or another tab's answer. */
  hearKernel() {
    if (this.model.get("token") === this.token) {
      if (this.isOpen !== this.model.get("is_open")) this.redraw();
      else if (this.at === REVIEW && !this.el.contains(document.activeElement)) this.draw();
      else this.show();
      return;
    }
    this.start();
    this.el.dispatchEvent(new CustomEvent("reconnect:shown", { bubbles: true }));
  }
}

/** @param {{ model: Model, el: HTMLElement }} view */
function render({ model, el }) {
  el.classList.add("rc-sheet");
  const sheet = new SheetView(model, el);
  const onOutbox = (/** @type {any} */ event) => sheet.hearOutbox(event.detail.messages);
  const onSaved = (/** @type {any} */ event) => sheet.hearSaved(event.detail);
  const onHide = () => sheet.settle();
  el.addEventListener("reconnect:outbox", onOutbox);
  el.addEventListener("reconnect:saved", onSaved);
  document.addEventListener("visibilitychange", onHide);
  window.addEventListener("pagehide", onHide);
  model.on("change", () => sheet.hearKernel());
  sheet.start();
  return () => {
    sheet.settle();
    document.removeEventListener("visibilitychange", onHide);
    window.removeEventListener("pagehide", onHide);
  };
}

export default { render };
