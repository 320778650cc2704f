// @ts-check
/**
 * A clock that the kernel keeps and the browser counts down: what is left is what was left when
 * the kernel said so, less what has passed here since. It is asked again after every sleep.
 */

import { make, makeButton, makeLive } from "./worksheet_parts.js";

/**
 * @typedef {import("./worksheet_parts.js").Sheet} Sheet
 * @typedef {{ state: "ready" | "running" | "paused" | "done", left_ms: number, total_ms: number,
 *   label: string, is_dark: boolean, is_soft: boolean, has_sound: boolean,
 *   done_words: string }} ClockState
 */

const TICK_MS = 250;
const MINUTE_MS = 60_000;

export class ClockView {
  /** @param {Sheet} sheet @param {(action: string) => void} act */
  constructor(sheet, act) {
    this.sheet = sheet;
    this.act = act;
    /** @type {ClockState | undefined} */
    this.clock = undefined;
    this.heardAt = 0;
    this.hasSaidDone = false;
    this.hasRun = false; // here: who opens a clock that is over hears no sound
    this.isStopped = false;
    this.before = 0; // what was left at the last look
    /** @type {any} */
    this.timer = undefined;
    /** @type {AudioContext | undefined} */
    this.audio = undefined;

    this.el = make("div", "rc-clock");
    this.el.tabIndex = -1;
    this.label = make("p", "rc-clock__label");
    this.label.id = `${sheet.name}-clock`;
    this.time = make("p", "rc-clock__time");
    this.time.setAttribute("role", "timer");
    this.time.setAttribute("aria-live", "off"); // nobody wants to hear every second
    this.time.setAttribute("aria-labelledby", this.label.id);
    this.line = make("progress", "rc-clock__line");
    this.line.setAttribute("aria-hidden", "true"); // the time says the same
    this.sign = make("p", "rc-clock__sign");
    this.stop = makeButton(sheet.word("clock-stop"), "rc-clock__stop", () => this.halt());
    this.live = makeLive();
    this.el.append(this.label, this.time, this.line, this.sign, this.stop, this.live);
  }

  /** How the clock stands, from the kernel. @param {ClockState | Record<string, never>} clock */
  hear(clock) {
    const was = this.clock;
    this.clock = "state" in clock ? /** @type {ClockState} */ (clock) : undefined;
    this.heardAt = performance.now();
    this.isStopped = false;
    if (this.clock && (this.clock.state !== "running" || this.clock.left_ms > 0)) {
      this.hasSaidDone = false;
    }
    this.before = this.left;
    if (was && this.clock && was.state !== this.clock.state) this.sayState(this.clock.state);
    this.tick();
  }

  get left() {
    if (!this.clock) return 0;
    const passed = this.clock.state === "running" ? performance.now() - this.heardAt : 0;
    return Math.max(this.clock.left_ms - passed, 0);
  }

  /** As it is shown here: it may be over before the kernel has heard so. */
  get state() {
    if (this.clock?.state === "running" && this.left === 0) return "done";
    return this.clock?.state ?? "ready";
  }

  get isDark() {
    return !!this.clock?.is_dark && this.state === "running" && !this.isStopped;
  }

  get isSign() {
    return !!this.clock?.is_dark && this.state === "done";
  }

  tick() {
    clearTimeout(this.timer);
    if (!this.clock) return this.show();
    const { left } = this;
    if (this.clock.state === "running") {
      this.hasRun = true;
      this.announce(this.before, left);
      this.before = left;
      if (left === 0) this.end();
      else this.timer = setTimeout(() => this.tick(), Math.min(TICK_MS, left));
    }
    this.show();
  }

  end() {
    if (this.hasSaidDone) return;
    this.hasSaidDone = true;
    if (this.clock?.has_sound) this.play();
    this.say(this.clock?.done_words || this.sheet.word("clock-done"));
    this.act("clock-done");
  }

  show() {
    const { clock, state } = this;
    this.el.hidden = !clock;
    if (!clock) return;
    const seconds = Math.ceil(this.left / 1000);
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (this.time.textContent !== text) this.time.textContent = text;
    this.label.textContent = clock.label;
    this.line.max = Math.max(clock.total_ms, 1);
    this.line.value = this.left;
    this.el.dataset.state = state;
    this.el.classList.toggle("rc-clock--soft", !!clock.is_soft);
    this.time.hidden = this.line.hidden = state === "done";
    this.sign.textContent = state === "done" ? clock.done_words || this.sheet.word("clock-done") : "";
    this.sign.hidden = state !== "done";
    this.stop.hidden = !this.isDark;
    const was = this.el.dataset.look;
    const look = this.isDark ? "dark" : this.isSign ? "sign" : "";
    if (was === look) return;
    this.el.dataset.look = look;
    this.sheet.changed();
    // The page around it has gone or come back: stand where the clock is, unless somebody is there.
    if (was !== undefined && !this.el.contains(document.activeElement)) this.el.focus();
  }

  /** A person has had enough of it; what that means is the kernel's to say. */
  halt() {
    if (!this.isDark) return;
    this.isStopped = true;
    this.act("clock-stop");
    this.show();
  }

  /** @param {string} state */
  sayState(state) {
    if (state === "running") this.sayMinutes(this.left);
    else if (state === "paused") this.say(this.sheet.word("clock-paused"));
  }

  /** At half of the time, and when one minute is left. @param {number} before @param {number} left */
  announce(before, left) {
    if (!this.clock) return;
    const crossed = (/** @type {number} */ at) => before > at && left <= at;
    const half = this.clock.total_ms / 2;
    if (crossed(MINUTE_MS) && half >= MINUTE_MS) this.say(this.sheet.word("clock-last-minute"));
    else if (crossed(half) && half >= 2 * MINUTE_MS) this.say(this.sheet.word("clock-half"));
  }

  /** @param {number} ms */
  sayMinutes(ms) {
    const n = Math.max(Math.round(ms / MINUTE_MS), 1);
    this.say(this.sheet.word(n === 1 ? "clock-left-one" : "clock-left-many", { n }));
  }

  /** @param {string} words */
  say(words) {
    this.live.textContent = words;
  }

  /** Browsers let a page sound only after it was touched: each touch is taken for that. */
  arm() {
    if (!this.clock?.has_sound || this.clock.state === "done") return;
    try {
      this.audio ??= new AudioContext();
      if (this.audio.state === "suspended") this.audio.resume().catch(() => {});
    } catch {
      // No sound here. The sign on the screen says the same.
    }
  }

  /** Two soft notes, as of a bowl that is touched. */
  play() {
    const { audio } = this;
    if (!this.hasRun || audio?.state !== "running") return;
    for (const [index, pitch] of [392, 523.25].entries()) {
      const at = audio.currentTime + index * 1.2;
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(0.18, at + 0.04);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + 3);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 3.1);
    }
  }

  close() {
    clearTimeout(this.timer);
    this.audio?.close().catch(() => {});
  }
}
