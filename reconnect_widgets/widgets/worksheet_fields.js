// @ts-check
/** The fields of a worksheet in which nothing long is written: a choice, a list, a tally. */

import { FieldStatus, SETTLE_MS, keep, make, makeButton, makeHint, makeLive, readKept, storable } from "./worksheet_parts.js";

/** @typedef {import("./worksheet_parts.js").Sheet} Sheet */
/** @typedef {import("./worksheet_parts.js").Spec} Spec */

const TAPS_MS = 400; // taps in a row become one answer

/** One of several, over native radio buttons. Choosing records, and moves nobody on. */
export class ChoiceField {
  /** @param {Sheet} sheet @param {Spec} spec */
  constructor(sheet, spec) {
    this.sheet = sheet;
    this.key = spec.key;
    this.name = `${sheet.name}-${spec.key}`;
    this.hasReplies = spec.options.some((/** @type {any} */ option) => option.reply_html);
    this.byArrow = false;
    /** @type {{ timer: any, value: number | string } | undefined} a choice not yet sent */
    this.settling = undefined;
    /** @type {{ value: number | string, input: HTMLInputElement, reply: HTMLElement }[]} */
    this.options = [];

    this.el = make("fieldset", "rc-field rc-choicefield");
    const hint = makeHint(`${this.name}-hint`, spec.hint);
    if (spec.hint) this.el.setAttribute("aria-describedby", hint.id);
    this.el.append(make("legend", "", spec.label), hint);
    const looks = spec.layout === "row" ? "rc-choices rc-choices--row" : "rc-choices";
    const choices = make("div", looks);
    choices.append(...spec.options.map((/** @type {any} */ option) => this.makeOption(option)));
    this.skip = makeButton("", "rc-link rc-field__skip", () => {
      this.stop();
      sheet.sayAnswer(this.key, "skipped", null);
    });
    this.status = new FieldStatus(sheet, spec.key);
    const foot = make("div", "rc-field__foot");
    foot.append(this.skip, this.status.el);
    this.live = makeLive();
    this.el.append(choices, foot, this.live);
  }

  /** @param {{ value: number | string, label: string, reply_html: string }} option */
  makeOption({ value, label, reply_html }) {
    const choice = make("label", "rc-choice");
    const input = make("input");
    Object.assign(input, { type: "radio", name: this.name, value: String(value) });
    choice.addEventListener("pointerdown", () => (this.byArrow = false));
    input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      this.byArrow = event.key.startsWith("Arrow");
    });
    input.addEventListener("change", () => {
      clearTimeout(this.settling?.timer);
      this.settling = { value, timer: setTimeout(() => this.settle(), SETTLE_MS) };
      if (!this.byArrow) this.settle();
    });
    choice.append(input, make("span", "", label));
    const reply = make("div", "rc-reply");
    reply.innerHTML = reply_html;
    const both = make("div", "rc-option");
    both.append(choice, reply);
    this.options.push({ value, input, reply });
    return both;
  }

  /** Send an arrow-key choice that still rests. */
  settle() {
    if (!this.settling) return;
    const { value } = this.settling;
    this.stop();
    this.sheet.sayAnswer(this.key, "answered", value);
    const chosen = this.options.find((option) => option.value === value);
    this.live.textContent = chosen?.reply.textContent ?? "";
  }

  stop() {
    clearTimeout(this.settling?.timer);
    this.settling = undefined;
  }

  get isDealtWith() {
    return this.settling !== undefined || this.sheet.held(this.key).status !== "";
  }

  update() {
    const { sheet } = this;
    const held = sheet.held(this.key);
    const isAnswered = held.status === "answered";
    for (const { value, input, reply } of this.options) {
      const isChosen = isAnswered && String(held.value) === String(value);
      if (!this.settling) input.checked = isChosen;
      input.disabled = sheet.isClosed;
      reply.hidden = !isChosen || reply.innerHTML === "";
    }
    if (!isAnswered) this.live.textContent = "";
    this.skip.hidden = sheet.isClosed || held.status === "skipped";
    this.skip.textContent = sheet.word(isAnswered ? "clear" : "skip");
    this.status.show(held);
  }

  hearSaved() {
    // A reply is spoken when its option is chosen: "Saved" must not talk over it.
    this.status.saved(this.sheet.held(this.key), !this.hasReplies);
  }
}

/** A day, from the browser's own calendar. */
export class DateField {
  /** @param {Sheet} sheet @param {Spec} spec */
  constructor(sheet, spec) {
    this.sheet = sheet;
    this.key = spec.key;
    /** @type {any} a choice not yet sent: spinning through the months is not choosing */
    this.settling = undefined;
    const name = `${sheet.name}-${spec.key}`;

    this.el = make("div", "rc-field rc-datefield");
    const label = make("label", "rc-label", spec.label);
    label.htmlFor = name;
    const hint = makeHint(`${name}-hint`, spec.hint);
    this.input = make("input", "rc-input");
    Object.assign(this.input, { id: name, type: "date", min: spec.earliest, max: spec.latest });
    this.input.setAttribute("aria-describedby", `${name}-hint ${name}-note`);
    this.input.addEventListener("change", () => {
      this.stop();
      this.settling = setTimeout(() => this.settle(), SETTLE_MS);
      this.showRange();
      this.sheet.changed();
    });
    this.input.addEventListener("blur", () => this.settle());
    this.note = makeHint(`${name}-note`, sheet.word("date-range"));
    this.skip = makeButton("", "rc-link rc-field__skip", () => {
      this.stop();
      this.input.value = "";
      sheet.sayAnswer(this.key, "skipped", null);
    });
    this.status = new FieldStatus(sheet, spec.key);
    const foot = make("div", "rc-field__foot");
    foot.append(this.skip, this.status.el);
    this.el.append(label, hint, this.input, this.note, foot);
  }

  get isDealtWith() {
    return this.settling !== undefined || this.sheet.held(this.key).status !== "";
  }

  showRange() {
    const { validity, value } = this.input;
    const isKept = String(this.sheet.held(this.key).value) === value; // a day that has passed since
    this.note.hidden = isKept || !(validity.rangeUnderflow || validity.rangeOverflow);
  }

  settle() {
    if (this.settling === undefined) return;
    this.stop();
    if (this.input.value && this.input.validity.valid) {
      this.sheet.sayAnswer(this.key, "answered", this.input.value);
    }
  }

  stop() {
    clearTimeout(this.settling);
    this.settling = undefined;
  }

  update() {
    const { sheet } = this;
    const held = sheet.held(this.key);
    const isAnswered = held.status === "answered";
    // What is being typed is left alone.
    if (this.settling === undefined && document.activeElement !== this.input) {
      this.input.value = isAnswered ? String(held.value) : "";
    }
    this.input.disabled = sheet.isClosed;
    this.showRange();
    this.skip.hidden = sheet.isClosed || held.status === "skipped";
    this.skip.textContent = sheet.word(isAnswered ? "clear" : "skip");
    this.status.show(held);
  }

  hearSaved() {
    this.status.saved(this.sheet.held(this.key));
  }
}

/** A running list. Its texts stay in this browser; what is recorded is how many there are. */
export class LinesField {
  /** @param {Sheet} sheet @param {Spec} spec */
  constructor(sheet, spec) {
    this.sheet = sheet;
    this.key = spec.key;
    this.most = spec.most;
    this.keptKey = sheet.keptKey(spec.key);
    this.lines = this.load();
    const name = `${sheet.name}-${spec.key}`;

    this.el = make("div", "rc-field rc-linefield");
    const label = make("label", "rc-label", spec.label);
    label.htmlFor = name;
    const hint = makeHint(`${name}-hint`, spec.hint);
    this.input = make("input", "rc-input");
    Object.assign(this.input, { id: name, type: "text", maxLength: spec.max_length });
    Object.assign(this.input, { autocomplete: "off", spellcheck: true, dir: "auto" });
    Object.assign(this.input, { enterKeyHint: "done", value: readKept(`${this.keptKey}.next`) });
    this.input.setAttribute("aria-describedby", `${name}-hint ${name}-note`);
    this.input.addEventListener("input", () => keep(`${this.keptKey}.next`, this.input.value));
    this.input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" || event.isComposing) return; // Enter may end a Japanese word
      event.preventDefault();
      this.add();
    });
    this.addButton = makeButton(sheet.word("add"), "rc-button rc-button--quiet", () => {
      this.add();
      this.input.focus();
    });
    this.row = make("div", "rc-linefield__row");
    this.row.append(this.input, this.addButton);
    this.list = make("ol", "rc-linefield__list");
    this.note = make("p", "rc-hint");
    this.note.id = `${name}-note`;
    this.status = new FieldStatus(sheet, spec.key);
    this.live = makeLive();
    this.el.append(label, hint, this.row, this.list, this.note, this.status.el, this.live);
    this.draw();
  }

  /** @returns {string[]} */
  load() {
    try {
      return JSON.parse(readKept(this.keptKey) || "[]").map(String);
    } catch {
      return [];
    }
  }

  get count() {
    return Math.max(Number(this.sheet.held(this.key).value ?? 0), this.lines.length);
  }

  get isDealtWith() {
    return this.count > 0 || storable(this.input.value).trim() !== "";
  }

  add() {
    const line = storable(this.input.value).replace(/\s+/g, " ").trim();
    if (!line || this.sheet.isClosed || this.count >= this.most) return;
    const count = this.count + 1;
    this.lines.push(line);
    this.input.value = "";
    keep(`${this.keptKey}.next`, "");
    this.tell(count);
  }

  /** @param {number} index */
  remove(index) {
    const count = this.count - 1;
    this.lines.splice(index, 1);
    this.tell(count);
    this.live.textContent = this.sheet.word("removed");
    const buttons = this.list.querySelectorAll("button");
    (buttons[Math.min(index, buttons.length - 1)] ?? this.input).focus();
  }

  /** @param {number} count */
  tell(count) {
    keep(this.keptKey, this.lines.length ? JSON.stringify(this.lines) : "");
    if (count > 0) this.sheet.sayAnswer(this.key, "answered", count);
    else this.sheet.sayAnswer(this.key, "skipped", null);
    this.draw();
    const word = count === 1 ? "line-count-one" : "line-count-many";
    this.live.textContent = this.sheet.word(word, { n: count });
  }

  draw() {
    const items = this.lines.map((line, index) => {
      const item = make("li");
      const text = make("span", "", line);
      text.dir = "auto";
      const remove = makeButton("", "rc-linefield__remove", () => this.remove(index));
      remove.setAttribute("aria-label", this.sheet.word("remove", { text: line }));
      item.append(text, remove);
      return item;
    });
    this.list.replaceChildren(...items);
    this.list.hidden = items.length === 0;
    this.update();
  }

  /** A line that was typed and not yet added is not to be lost. */
  settle() {
    this.add();
  }

  update() {
    const { sheet } = this;
    const isFull = this.count >= this.most;
    const elsewhere = this.count - this.lines.length;
    const word = isFull ? "list-full" : elsewhere === 1 ? "elsewhere-one" : "elsewhere-many";
    this.note.textContent = isFull || elsewhere > 0 ? sheet.word(word, { n: elsewhere }) : "";
    this.note.hidden = !this.note.textContent;
    this.row.hidden = sheet.isClosed;
    this.input.readOnly = isFull;
    this.addButton.setAttribute("aria-disabled", String(isFull));
    for (const button of this.list.querySelectorAll("button")) button.hidden = sheet.isClosed;
    this.status.show(this.sheet.held(this.key));
    this.status.el.hidden = this.count === 0 && !sheet.isWaiting(this.key);
  }

  hearSaved() {
    this.status.saved(this.sheet.held(this.key), false);
  }
}

/** One tap, one more; and one button beside it that takes one back. */
export class TallyField {
  /** @param {Sheet} sheet @param {Spec} spec */
  constructor(sheet, spec) {
    this.sheet = sheet;
    this.key = spec.key;
    this.isTouched = false;
    /** @type {{ timer: any, count: number } | undefined} taps not yet sent */
    this.settling = undefined;
    this.el = make("div", "rc-field rc-tally");
    this.figure = make("span", "rc-tally__figure");
    this.more = makeButton("", "rc-tally__more", () => this.tap(1));
    this.more.append(make("span", "", spec.label), this.figure);
    this.less = makeButton("", "rc-tally__less", () => this.tap(-1));
    this.less.setAttribute("aria-label", `${sheet.word("undo")}: ${spec.label}`);
    this.status = new FieldStatus(sheet, spec.key);
    this.live = makeLive();
    this.el.append(this.more, this.less, this.status.el, this.live);
  }

  get count() {
    return this.settling?.count ?? Number(this.sheet.held(this.key).value ?? 0);
  }

  get isDealtWith() {
    return this.count > 0;
  }

  /** @param {number} step */
  tap(step) {
    const count = Math.min(Math.max(this.count + step, 0), 999);
    if (this.sheet.isClosed || count === this.count) return;
    clearTimeout(this.settling?.timer);
    this.isTouched = true;
    this.settling = { count, timer: setTimeout(() => this.settle(), TAPS_MS) };
    const word = count === 1 ? "tally-count-one" : "tally-count-many";
    this.live.textContent = this.sheet.word(word, { n: count });
    this.sheet.changed();
    if (count === 0 && document.activeElement === this.less) this.more.focus();
    this.update();
  }

  settle() {
    if (!this.settling) return;
    clearTimeout(this.settling.timer);
    const { count } = this.settling;
    this.settling = undefined;
    this.sheet.sayAnswer(this.key, "answered", count);
  }

  update() {
    this.figure.textContent = String(this.count);
    this.less.hidden = this.sheet.isClosed;
    this.less.classList.toggle("rc-tally__less--none", this.count === 0);
    this.more.disabled = this.sheet.isClosed;
    // What was counted before needs no word; a tap that is on its way, or has just arrived, does.
    const isQuiet = this.settling || !this.isTouched;
    if (isQuiet) this.status.clear();
    else this.status.show(this.sheet.held(this.key));
  }

  hearSaved() {
    if (!this.settling) this.status.saved(this.sheet.held(this.key), false);
  }
}
