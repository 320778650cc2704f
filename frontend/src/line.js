/**
 * Keeps the line to one kernel: notices when it is dead, tries again, says what is happening.
 *
 * A websocket that cannot be opened does not tell why. So the address of the page itself is asked
 * (`judge`): it knows whether there is a network, whether the kernel is still the same, whether
 * this phone still has its place.
 */
import { announce, hush, isSaying, say } from "./status.js";

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15_000;
const GIVE_UP_MS = 90_000;
const WAIT_WHEN_GIVEN_UP_MS = 30_000;
const PULSE_MS = 20_000;
const PULSE_ANSWER_MS = 8_000;
const WAKING_ANSWER_MS = 3_500;

/**
 * @typedef {{ kind: "offline" } | { kind: "same", page: import("./fetch-page.js").FetchedPage } | { kind: "full", waitS: number }
 *   | { kind: "moved", page: import("./fetch-page.js").FetchedPage }
 *   | { kind: "gone", sentence: string, label: string, href: string }} Verdict
 *
 * @typedef {object} Ends what the line is fastened to
 * @property {() => void} connect        open the websocket again
 * @property {(withinMs: number) => void} pulse  make the kernel say something, or lose the line
 * @property {(withinMs: number) => void} doubt  lose the line unless something is heard
 * @property {() => Promise<Verdict>} judge
 * @property {() => Promise<void>} resync read again what happened in the kernel meanwhile
 * @property {(page: import("./fetch-page.js").FetchedPage) => void} moved
 */

export class Line {
  /** @type {import("./status.js").State} */
  state = "connected";
  isUp = false;

  #downSince = 0;
  #tries = 0;
  #connections = 0;
  #isDead = false;
  #ended = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #retry;
  /** @type {ReturnType<typeof setInterval>} */ #pulse;
  #listening = new AbortController();

  /** @param {Ends} ends */
  constructor(ends) {
    this.ends = ends;
    const { signal } = this.#listening;
    window.addEventListener("online", () => this.wake(), { signal });
    window.addEventListener("pageshow", (event) => event.persisted && this.wake(), { signal });
    document.addEventListener("visibilitychange", () => !document.hidden && this.wake(), { signal });
    this.#pulse = setInterval(() => {
      if (this.isUp && !document.hidden) ends.pulse(PULSE_ANSWER_MS);
    }, PULSE_MS);
  }

  /** The websocket opened. @param {boolean} first */
  async opened(first) {
    const connection = ++this.#connections;
    if (!first) {
      this.ends.doubt(WAKING_ANSWER_MS * 2);
      await this.ends.resync().catch(() => undefined);
    }
    if (this.#ended || connection !== this.#connections) return; // lost again meanwhile
    clearTimeout(this.#retry);
    this.isUp = true;
    this.#tries = 0;
    this.#downSince = 0;
    if (this.state === "connected") return;
    this.state = "connected";
    if (isSaying()) say("Connected again.", { briefly: true });
    else hush();
    announce("connected");
  }

  /** The websocket was open and is not any more. */
  closed() {
    this.#connections += 1;
    this.isUp = false;
    this.#down();
    this.#again(0);
  }

  /** The server says that the kernel has ended. */
  dead() {
    this.#isDead = true;
    void this.refused();
  }

  /** Take over from a line whose kernel is gone. @param {Line | undefined} before */
  continueFrom(before) {
    if (!before) return;
    this.state = before.state;
    this.#downSince = before.#downSince;
    this.#tries = before.#tries;
  }

  /** The websocket could not be opened: find out why, then go on accordingly. */
  async refused() {
    this.isUp = false;
    this.#down();
    const verdict = await this.ends.judge();
    if (this.#ended || this.isUp) return;
    switch (verdict.kind) {
      case "moved":
        this.ends.moved(verdict.page);
        return;
      case "gone":
        this.#become("lost");
        say(verdict.sentence, { offer: { label: verdict.label, href: verdict.href } });
        return;
      case "full":
        say("Every place is taken just now. This page keeps trying and goes on by itself.");
        this.#again(verdict.waitS * 1000);
        return;
      case "same":
        // A connection that was told "dead" is of no use any more, even if the server still
        // names that kernel: take the page as if it were new.
        if (this.#isDead) this.#later(this.#wait(), () => this.ends.moved(verdict.page));
        else this.#again(this.#wait());
        return;
      default:
        this.#again(this.#wait());
    }
  }

  /** Something suggests that now is a good moment: network back, screen on, button pressed. */
  wake() {
    if (this.#ended) return;
    if (this.isUp) {
      this.ends.pulse(WAKING_ANSWER_MS);
      return;
    }
    if (this.#downSince === 0) return; // still opening for the first time
    this.#tries = 0;
    this.#again(0);
  }

  end() {
    this.#ended = true;
    this.#listening.abort();
    clearTimeout(this.#retry);
    clearInterval(this.#pulse);
  }

  #down() {
    if (this.#downSince !== 0) return;
    this.#downSince = performance.now();
    this.#become("reconnecting");
    // What waits to be saved, and where it is kept, the page itself says beside the question.
    say("Connection lost. Trying again…", { soon: true });
  }

  /** @param {import("./status.js").State} state */
  #become(state) {
    if (this.state === state) return;
    this.state = state;
    announce(state);
  }

  #wait() {
    if (performance.now() - this.#downSince > GIVE_UP_MS) {
      this.#become("lost");
      const act = () => {
        say("Trying again…");
        this.#downSince = performance.now();
        this.#become("reconnecting");
        this.wake();
      };
      say("There is still no connection.", { offer: { label: "Try again", act } });
      return WAIT_WHEN_GIVEN_UP_MS;
    }
    // Half of it random: a whole room comes back at once after a router was restarted.
    const longest = Math.min(FIRST_WAIT_MS * 2 ** this.#tries, LONGEST_WAIT_MS);
    this.#tries += 1;
    return longest * (0.5 + Math.random() / 2);
  }

  /** @param {number} waitMs */
  #again(waitMs) {
    this.#later(waitMs, () => (this.#isDead ? void this.refused() : this.ends.connect()));
  }

  /**
   * @param {number} waitMs
   * @param {() => void} act
   */
  #later(waitMs, act) {
    clearTimeout(this.#retry);
    if (document.hidden) return; // waking tries again; a phone in a pocket saves its battery
    this.#retry = setTimeout(act, waitMs);
  }
}
