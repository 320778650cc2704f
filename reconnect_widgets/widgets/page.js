// @ts-check
/**
 * The host of a workbook page: mounts the present stage, owns the outbox, moves the focus.
 *
 * Stages never send. They dispatch `reconnect:say` with a message that has no event_id yet; here
 * it gets one, waits in the outbox (sessionStorage, so a reload keeps it), and is sent again until
 * the kernel answers `saved` or refuses it for good. Sending twice is harmless: the kernel writes
 * one row per event_id. The page works without the window events of our own template, so that
 * it also opens in JupyterLab and stock Voilà.
 *
 * @typedef {Record<string, any>} Message
 * @typedef {{ get(name: string): any, send(content: object): void,
 *   on(name: string, callback: (...args: any[]) => void): void,
 *   off(name: string, callback: (...args: any[]) => void): void }} Model
 * @typedef {{ getWidget(ref: string): Promise<{
 *   render(view: { el: HTMLElement, signal: AbortSignal }): Promise<void> }> }} Host
 * @typedef {{ message: Message, since: number, due: number, tries: number }} Waiting
 */

const RESEND_MS = 5_000;
const RESEND_MOST_MS = 60_000;
const SETTLED_MS = 1_000; // whoever taps what is there has done so
const PATIENCE_MS = 4_000; // below this a wait is ordinary and nothing is said about it

/** A UUID version 7. `crypto.randomUUID` is missing on plain http, which a room's phones use. */
export function newEventId(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Given to be recorded: an answer, or a text. @param {Message} m */
const isAnswer = (m) => m.type === "answer" || m.type === "text";

/** What two messages share when the later one makes the earlier one pointless. @param {Message} m */
const subject = (m) =>
  isAnswer(m) ? `${m.exercise}|${m.round}|${m.item}` : `${m.stage}|${m.action}`;

/**
 * Messages that are not yet acknowledged, oldest first, kept in sessionStorage where possible.
 *
 * Times are those of `performance.now`: a phone that sets its clock must not wait for an hour.
 */
export class Outbox {
  /**
   * @param {string} key where in sessionStorage
   * @param {(message: Message) => void} send
   * @param {() => void} changed called after every change of what waits
   */
  constructor(key, send, changed) {
    this.key = key;
    this.send = send;
    this.changed = changed;
    /** True when the browser keeps what waits over a reload. */
    this.isKept = true;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Waiting[]} */
    this.waiting = this.load();
  }

  /** @returns {Waiting[]} */
  load() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "[]");
      return kept.map((/** @type {Message} */ message) => {
        return { message, since: performance.now(), due: 0, tries: 0 };
      });
    } catch {
      return [];
    }
  }

  save() {
    try {
      if (this.waiting.length === 0) sessionStorage.removeItem(this.key);
      else sessionStorage.setItem(this.key, JSON.stringify(this.messages()));
      this.isKept = true;
    } catch {
      this.isKept = false; // private mode or full: what waits lives as long as the page
    }
    this.changed();
  }

  messages() {
    return this.waiting.map((entry) => entry.message);
  }

  /** A newer answer replaces an older one; a repeated tap on a button adds nothing.
   * @param {Message} said */
  add(said) {
    const same = this.waiting.find((entry) => subject(entry.message) === subject(said));
    if (same && said.type === "action") return;
    this.waiting = this.waiting.filter((entry) => entry !== same);
    const message = { ...said, event_id: newEventId() };
    this.waiting.push({ message, since: performance.now(), due: 0, tries: 0 });
    this.save();
    this.flush();
  }

  /** The kernel has dealt with it. Returns what it was. @param {string} eventId */
  settle(eventId) {
    const settled = this.waiting.find((entry) => entry.message.event_id === eventId);
    if (!settled) return undefined; // another tab's
    this.waiting = this.waiting.filter((entry) => entry !== settled);
    this.save();
    return settled.message;
  }

  /** Send whatever is due, in order, and come back when the next one is. */
  flush() {
    clearTimeout(this.timer);
    const now = performance.now();
    for (const entry of this.waiting.filter((each) => each.due <= now)) {
      entry.due = now + Math.min(RESEND_MS * 2 ** entry.tries, RESEND_MOST_MS);
      entry.tries += 1;
      try {
        this.send(entry.message);
      } catch {
        // No connection to send on. It stays in the outbox and is due again later.
      }
    }
    if (this.waiting.length === 0) return;
    const next = Math.min(...this.waiting.map((entry) => entry.due));
    this.timer = setTimeout(() => this.flush(), Math.max(next - now, 200));
  }

  /** The connection is back: nothing needs to wait for its turn. */
  hurry() {
    for (const entry of this.waiting) Object.assign(entry, { due: 0, tries: 0 });
    this.flush();
  }

  /** Answers that have waited longer than is ordinary. */
  late() {
    return this.waiting.filter(
      (entry) => isAnswer(entry.message) && performance.now() - entry.since >= PATIENCE_MS,
    ).length;
  }
}

/** @param {string} tag @param {string} className */
function make(tag, className) {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

/** @param {{ model: Model, el: HTMLElement, host: Host, signal: AbortSignal }} view */
function render({ model, el, host, signal }) {
  el.classList.add("rc-host");
  const title = make("h1", "rc-host__title");
  const notice = make("p", "rc-note rc-host__notice");
  notice.setAttribute("role", "status");
  const frame = make("div", "rc-host__frame");
  const outboxLine = make("p", "rc-status rc-host__outbox");
  outboxLine.setAttribute("role", "status");
  el.append(title, notice, frame, outboxLine);

  let stageEl = frame;
  let isLost = false;
  let isPlaced = false;
  let trouble = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let patience;
  /** @type {AbortController | undefined} */
  let mounted;
  let mountCount = 0;

  const outbox = new Outbox(
    `reconnect.outbox.${model.get("exercise")}.${model.get("tag")}`,
    (message) => model.send(message),
    () => tellStage(),
  );

  function tellStage() {
    const detail = { messages: outbox.messages() };
    stageEl.dispatchEvent(new CustomEvent("reconnect:outbox", { detail }));
    sayWhatWaits();
    clearTimeout(patience);
    if (outbox.waiting.length > 0) patience = setTimeout(sayWhatWaits, PATIENCE_MS + 100);
  }

  /** Say it only when waiting is no longer ordinary, and never the same words twice. */
  function sayWhatWaits() {
    const words = model.get("words");
    const answers = outbox.messages().filter(isAnswer).length;
    const count = isLost ? answers : outbox.late();
    const parts = [trouble];
    if (count === 1) parts.push(words["waiting-one"]);
    if (count > 1) parts.push(words["waiting-many"].replace("{n}", String(count)));
    if (count > 0 && !outbox.isKept) parts.push(words["keep-open"]);
    const text = parts.filter(Boolean).join(" ");
    if (outboxLine.textContent !== text) outboxLine.textContent = text;
  }

  /** After a change of screen the reader is put at its heading, unless they are elsewhere. */
  function focusHeading() {
    const active = document.activeElement;
    if (active && active !== document.body && !el.contains(active)) return;
    const heading = stageEl.querySelector("[data-heading]");
    if (heading instanceof HTMLElement) heading.focus();
  }

  async function mountStage() {
    const reference = model.get("stage");
    const mine = ++mountCount;
    if (!reference) return;
    const child = await findWidget(host, reference.replace("IPY_MODEL_", "anywidget:"));
    if (mine !== mountCount || signal.aborted) return;
    const next = make("div", "rc-host__stage");
    const controller = new AbortController();
    // Beside the old one, not shown, until it is whole: no flash of an empty page.
    next.hidden = true;
    frame.append(next);
    await child.render({ el: next, signal: AbortSignal.any([signal, controller.signal]) });
    if (mine !== mountCount) {
      controller.abort();
      next.remove();
      return;
    }
    const hadFocus = frame.contains(document.activeElement);
    const isFirst = mounted === undefined;
    tell("reconnect:leaving", {}); // while what it still has to say is heard
    mounted?.abort();
    mounted = controller;
    next.hidden = false;
    for (const old of Array.from(frame.children)) if (old !== next) old.remove();
    stageEl = next;
    tellStage();
    showTitle();
    if (!isFirst || hadFocus) focusHeading();
  }

  /** @param {Message} message */
  function hear(message) {
    if (message.type === "saved") {
      const said = outbox.settle(message.event_id);
      if (!said) return;
      trouble = "";
      tell("reconnect:saved", message);
    } else if (message.type === "not-saved") {
      const isOurs = outbox.messages().some((each) => each.event_id === message.event_id);
      if (!isOurs) return;
      trouble = message.message;
      tell("reconnect:not-saved", message); // before what waited for it sees that it has gone
      if (!message.retry) outbox.settle(message.event_id);
    }
    sayWhatWaits();
  }

  /** @param {string} name @param {Message} detail */
  function tell(name, detail) {
    stageEl.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }

  /** The running head is not shown over a heading of the same words. */
  function showTitle() {
    const heading = stageEl.querySelector("[data-heading]")?.textContent;
    title.textContent = model.get("title");
    title.classList.toggle("rc-host__title--said", title.textContent === heading);
  }

  function showFrame() {
    el.lang = model.get("lang");
    showTitle();
    if (notice.textContent !== model.get("notice")) notice.textContent = model.get("notice");
  }

  /** Say what nobody waits for. Returns whether there was a connection to say it on.
   * @param {Message} message */
  function saySoon(message) {
    try {
      model.send(message);
      return true;
    } catch {
      return false;
    }
  }

  /** Ask the kernel to look at what is new. Missing one does no harm: the next one comes. */
  function refresh() {
    // A browser takes its time to find out (15 ms measured). Where no date is recorded, that can
    // wait until there is nothing better to do.
    if (model.get("is_dated")) sayWhere();
    else whenIdle(sayWhere);
    saySoon({ type: "refresh" });
  }

  /** Once: in which time zone this is, for a person's own dates. */
  function sayWhere() {
    const zone = isPlaced ? "" : Intl.DateTimeFormat?.().resolvedOptions().timeZone;
    if (zone) isPlaced = saySoon({ type: "here", zone });
  }

  /** What a stage says: a draft only while somebody listens, an answer until it is kept.
   * @param {Message} said */
  function hearStage(said) {
    if (said.type === "refresh") refresh();
    else if (said.type !== "draft") outbox.add(said);
    else if (!isLost) saySoon(said);
  }

  /** Nothing of this person's is to be left in this browser. */
  function forget() {
    if (!model.get("forgets")) return;
    outbox.waiting = [];
    outbox.save();
    try {
      for (const key of Object.keys(sessionStorage)) {
        const [ours, ...parts] = key.split(".");
        if (ours === "reconnect" && parts.includes(model.get("tag"))) sessionStorage.removeItem(key);
      }
    } catch {
      // Nothing is kept where nothing can be.
    }
  }

  const onConnection = (/** @type {any} */ event) => {
    const wasLost = isLost;
    isLost = event.detail.state !== "connected";
    if (!isLost) outbox.hurry();
    if (wasLost && !isLost) refresh(); // what happened meanwhile was not heard
    sayWhatWaits();
  };

  frame.addEventListener("reconnect:say", (/** @type {any} */ e) => hearStage(e.detail));
  frame.addEventListener("reconnect:shown", () => {
    showTitle();
    focusHeading();
  });
  window.addEventListener("reconnect:connection", onConnection, { signal });
  window.addEventListener("reconnect:news", refresh, { signal });
  model.on("msg:custom", hear);
  model.on("change:stage", mountStage);
  for (const name of ["title", "lang", "notice"]) model.on(`change:${name}`, showFrame);

  model.on("change:forgets", forget);

  showFrame();
  forget();
  mountStage();
  outbox.flush();
  if (model.get("is_dated")) sayWhere();
  // The page may have been kept while the session was closed or opened elsewhere. To look takes
  // the kernel a moment, and whoever taps at once is answered first.
  const lookAgain = setTimeout(refresh, SETTLED_MS);
  return () => {
    clearTimeout(lookAgain);
    clearTimeout(patience);
    clearTimeout(outbox.timer);
  };
}

/** @param {() => void} act */
function whenIdle(act) {
  if ("requestIdleCallback" in window) requestIdleCallback(act);
  else setTimeout(act, 500);
}

/** The stage's model may still be on its way when its name arrives.
 * @param {Host} host @param {string} reference */
async function findWidget(host, reference) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await host.getWidget(reference);
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

export default { render };
