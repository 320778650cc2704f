// @ts-check
/**
 * A text that somebody writes, with a coach if there is one.
 *
 * A text that is recorded is said when the writer rests. Any other stays in this browser: it is
 * kept for a reload and for the next step, goes to the coach as a draft, and is said only when an
 * action takes it.
 */

import { FieldStatus, keep, make, makeButton, makeHint, makeLive, readKept, storable } from "./worksheet_parts.js";

/** @typedef {import("./worksheet_parts.js").Sheet} Sheet */
/** @typedef {import("./worksheet_parts.js").Spec} Spec */
/** @typedef {{ code: string, tone: string, words: string }} Note */

const REST_MS = 800; // recorded when no key was pressed for so long
const DRAFT_MS = 250;
const SPEAK_MS = 900; // notes are spoken when the typing has stopped, not in between
const NEARLY_FULL = 50;

/** What was overruled, by field, as long as the page lives. @type {Map<string, Set<string>>} */
const overruled = new Map();

export class WriterField {
  /** @param {Sheet} sheet @param {Spec} spec */
  constructor(sheet, spec) {
    this.sheet = sheet;
    this.spec = spec;
    this.key = spec.key;
    this.keptKey = sheet.keptKey(spec.key);
    this.name = `${sheet.name}-${spec.key}`;
    const held = sheet.held(spec.key);
    /** What the record is known to hold, or will once it is acknowledged. */
    this.known = held.text;
    /** @type {Set<string>} what was said from here: its echo is not somebody else's text */
    this.said = new Set([held.text]);
    this.seen = sheet.recorded(spec.key).text;
    this.other = "";
    /** @type {any} */
    this.rest = undefined;
    /** @type {any} */
    this.thinking = undefined;
    /** @type {any} */
    this.speaking = undefined;
    // Notes for another tab's draft carry the same field; where a count begins tells them apart.
    this.seq = Math.floor(Math.random() * 500_000);
    /** @type {Note[]} */
    this.notes = [];
    this.spoken = "";

    this.el = make("div", "rc-field rc-writer");
    const label = make("label", "rc-label", spec.label);
    label.htmlFor = this.name;
    this.input = this.makeInput();
    this.input.dataset.keep = spec.keep; // `brought.js` asks
    this.input.value = this.isScreen ? readKept(this.keptKey) || held.text : held.text;
    this.left = makeHint(`${this.name}-left`, "");
    this.status = new FieldStatus(sheet, spec.key);
    const foot = make("div", "rc-field__foot");
    foot.append(this.left, this.status.el);
    this.otherEl = make("div", "rc-writer__other");
    this.noteList = make("ul", "rc-notes");
    this.noteList.id = `${this.name}-notes`;
    this.live = makeLive();
    const hint = makeHint(`${this.name}-hint`, spec.hint);
    this.el.append(label, hint, this.input, foot, this.otherEl, this.noteList, this.live);
    if (spec.has_coach) this.el.append(this.makeLooksFor());
    this.drawOther();
    this.drawNotes();
    if (this.text) this.draft();
  }

  get isScreen() {
    return this.spec.keep === "screen";
  }

  get text() {
    return storable(this.input.value).trim();
  }

  get isDealtWith() {
    return this.text !== "" || this.sheet.held(this.key).status === "skipped";
  }

  makeInput() {
    const { sheet, spec } = this;
    const isLine = spec.rows === 1;
    const input = make(isLine ? "input" : "textarea", "rc-input");
    if (isLine) input.type = "text";
    else {
      input.rows = spec.rows;
      input.style.setProperty("--rc-rows", spec.rows); // it grows with its text where it can
    }
    Object.assign(input, { id: this.name, maxLength: spec.max_length, dir: "auto" });
    Object.assign(input, { autocomplete: "off", spellcheck: true, autocapitalize: "sentences" });
    const described = [`${this.name}-hint`, `${this.name}-left`];
    if (spec.has_coach) described.push(`${this.name}-notes`);
    input.setAttribute("aria-describedby", described.join(" "));
    input.addEventListener("input", () => this.typed());
    input.addEventListener("blur", () => {
      this.settle();
      // Nothing was typed here since the other text came: then it is simply the newer one.
      if (this.other && sheet.held(spec.key).text === this.other) this.takeOther();
    });
    return input;
  }

  makeLooksFor() {
    const details = make("details", "rc-looks-for");
    const list = make("ul");
    for (const words of this.spec.coach_words.looks_for ?? []) list.append(make("li", "", words));
    details.append(make("summary", "", this.sheet.word("looks-for")), list);
    details.hidden = list.childElementCount === 0;
    return details;
  }

  typed() {
    if (this.isScreen) keep(this.keptKey, this.input.value);
    clearTimeout(this.rest);
    if (!this.isScreen) this.rest = setTimeout(() => this.settle(), REST_MS);
    this.draft();
    this.showLeft();
    this.status.clear();
    if (this.text === this.known) this.status.show(this.sheet.held(this.key));
    this.sheet.changed();
  }

  /** Say a text that is to be recorded, if it is not yet. */
  settle() {
    clearTimeout(this.rest);
    if (!this.isScreen) this.take();
  }

  /** Say the text as it stands; an action takes it along. */
  take() {
    const { text } = this;
    if (text === this.known || this.sheet.isClosed) return;
    this.known = text;
    this.said.add(text);
    this.sheet.sayText(this.key, text);
  }

  /** The text was not kept and will not be: it would have to be said again. */
  hearRefused() {
    this.known = this.sheet.recorded(this.key).text;
  }

  /** A text of this browser is to be forgotten. */
  forget() {
    if (!this.isScreen) return;
    this.input.value = "";
    this.typed();
  }

  update() {
    this.hearWaiting();
    const { text } = this.sheet.recorded(this.key);
    if (text !== this.seen) {
      this.seen = text;
      if (!this.said.has(text) && text !== this.text) this.hearOther(text);
    }
    this.input.readOnly = this.sheet.isClosed;
    this.showLeft();
    const held = this.sheet.held(this.key);
    if (this.text === held.text) this.status.show(held);
    else this.status.clear();
  }

  /** A text that waits and was not said from here was said before a reload: it is my own. */
  hearWaiting() {
    const { text } = this.sheet.held(this.key);
    if (!this.sheet.isWaiting(this.key) || text === this.known) return;
    if (this.text === this.known) this.input.value = text;
    this.known = text;
    this.said.add(text);
  }

  /** Another tab or device has written: what is being written here stays, and the other is shown.
   * @param {string} text */
  hearOther(text) {
    const isBusy = document.activeElement === this.input || this.text !== this.known;
    this.other = text;
    if (this.isScreen ? this.text !== "" : isBusy) return this.drawOther();
    this.said.clear();
    this.takeOther();
  }

  takeOther() {
    this.known = this.sheet.held(this.key).text;
    this.said.add(this.other);
    this.input.value = this.other;
    if (this.isScreen) keep(this.keptKey, this.other);
    this.other = "";
    this.drawOther();
    this.draft();
    this.update();
  }

  drawOther() {
    this.otherEl.hidden = this.other === "";
    if (!this.other) return this.otherEl.replaceChildren();
    const quote = make("blockquote", "", this.other);
    quote.dir = "auto";
    const use = makeButton(this.sheet.word("use-other"), "rc-link", () => {
      this.takeOther();
      this.settle(); // my own was recorded meanwhile: then the other is said again
      this.input.focus();
    });
    this.otherEl.replaceChildren(make("p", "", this.sheet.word("other-text")), quote, use);
  }

  hearSaved() {
    const held = this.sheet.held(this.key);
    if (this.text === held.text) this.status.saved(held);
  }

  showLeft() {
    const left = this.spec.max_length - this.input.value.length;
    const isNear = left <= NEARLY_FULL;
    this.left.hidden = !isNear;
    this.left.textContent = isNear
      ? this.sheet.word(left === 1 ? "left-one" : "left-many", { n: left })
      : "";
  }

  // -- The coach ---------------------------------------------------------------------------------

  /** Let the coach read it when the fingers rest. */
  draft() {
    if (!this.spec.has_coach || this.sheet.isClosed) return;
    clearTimeout(this.thinking);
    this.seq += 1; // notes on what stood here before come too late
    if (!this.text) return this.hearCoach(this.seq, []);
    const { seq } = this;
    this.thinking = setTimeout(() => this.sheet.sayDraft(this.key, seq, this.text), DRAFT_MS);
  }

  /** @param {number} seq @param {Note[]} notes */
  hearCoach(seq, notes) {
    if (seq !== this.seq) return;
    this.notes = notes;
    this.drawNotes();
  }

  /** @returns {Set<string>} */
  get overruled() {
    let codes = overruled.get(this.keptKey);
    if (!codes) overruled.set(this.keptKey, (codes = new Set()));
    return codes;
  }

  drawNotes() {
    const notes = this.notes.filter((note) => !this.overruled.has(note.code));
    const focused = this.noteList.contains(document.activeElement);
    this.noteList.replaceChildren(...notes.map((note) => this.makeNote(note)));
    this.noteList.hidden = notes.length === 0;
    if (focused) this.input.focus();
    const codes = notes.map((note) => note.code).sort().join(" ");
    clearTimeout(this.speaking);
    if (codes === this.spoken) return;
    this.speaking = setTimeout(() => {
      this.spoken = codes;
      this.live.textContent = notes.map((note) => note.words).join(" ");
    }, SPEAK_MS);
  }

  /** @param {Note} note */
  makeNote(note) {
    const item = make("li", "rc-notes__note");
    item.dataset.tone = note.tone;
    const words = make("p");
    words.id = `${this.name}-note-${note.code}`;
    // The tone is a sign to the eye; this is the same in words.
    const tone = this.sheet.word(note.tone === "good" ? "good" : "offer");
    words.append(make("span", "rc-worksheet__live", `${tone} `), note.words);
    item.append(words);
    if (note.tone === "watch") {
      const label = this.spec.coach_words.fine ?? this.sheet.word("fine");
      const fine = makeButton(label, "rc-link", () => {
        this.overruled.add(note.code);
        this.drawNotes();
        this.input.focus();
      });
      fine.setAttribute("aria-describedby", words.id);
      item.append(fine);
    }
    return item;
  }

  stop() {
    for (const timer of [this.rest, this.thinking, this.speaking]) clearTimeout(timer);
  }
}
