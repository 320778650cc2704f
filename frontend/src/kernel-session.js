/**
 * One kernel, as long as this page talks to it: its connection, its widget manager, the views in
 * the page. The engine (official Jupyter packages) is loaded when the first one is needed.
 */
import { takeStates } from "./fetch-page.js";
import { Line } from "./line.js";
import { PatientSocket } from "./socket.js";
import { say } from "./status.js";

/** What the kernel opens and closes for one turn of a page arrives within this time. */
const OUTGROW_MS = 500;

/** By then whoever tapped at once has been answered: telling all states takes the kernel a while. */
const COMPARE_AFTER_MS = 1500;

/** Of kernel messages over a websocket; jupyter_server speaks it since 2.0. */
const PROTOCOL = "v1.kernel.websocket.jupyter.org";

/**
 * @typedef {typeof import("./engine.js")} Engine
 * @typedef {import("./manager.js").WorkbookManager} Manager
 *
 * @typedef {object} Owner
 * @property {() => Promise<import("./line.js").Verdict>} judge
 * @property {(page: import("./fetch-page.js").FetchedPage) => void} moved
 * @property {() => void} askAgain  the person wants the page here again
 */

export class KernelSession {
  /** @type {Engine | undefined} */ #engine;
  /** @type {ReturnType<Engine["connect"]> | undefined} */ #kernel;
  /** @type {Manager | undefined} */ #manager;
  #ended = false;
  #isMounted = false;
  #isLeftBehind = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #outgrowing;
  #mounts = 0;
  /** What came with the page, until it is drawn. @type {import("./states.js").States | undefined} */
  #foretold = takeStates(document);
  /** Drawn from that, and not yet compared with what the kernel says. */
  #isForetold = false;
  /** Settles when the page's widgets stand. @type {Promise<void>} */
  mounted;

  /**
   * @param {import("./fetch-page.js").PageConfig} config
   * @param {import("./workbook.js").Assets} assets
   * @param {Owner} owner
   */
  constructor(config, assets, owner) {
    this.config = config;
    this.assets = assets;
    this.owner = owner;
    this.clientId = newClientId();
    this.socket = new PatientSocket(
      `${location.origin.replace(/^http/, "ws")}${config.wsPath}?session_id=${this.clientId}`,
      [PROTOCOL],
      {
        opened: (first) => void this.#opened(first),
        closed: () => this.line.closed(),
        refused: () => void this.line.refused(),
      },
    );
    this.line = new Line({
      connect: () => this.socket.connect(),
      pulse: (withinMs) => this.#pulse(withinMs),
      doubt: (withinMs) => this.socket.doubt(withinMs),
      judge: owner.judge,
      resync: () => this.#resync(),
      moved: owner.moved,
    });
    this.mounted = this.#begin();
  }

  /** @param {string} kernelId */
  serves(kernelId) {
    return !this.#ended && this.#kernel !== undefined && !this.#kernel.isDisposed && this.config.kernelId === kernelId;
  }

  /** Whether the page's widgets stand, to be read also without a connection. */
  get isMounted() {
    return this.#isMounted;
  }

  /** After a move: this connection continues one that was lost. @param {KernelSession | undefined} before */
  inherit(before) {
    this.line.continueFrom(before?.line);
  }

  /** @param {boolean} first */
  async #opened(first) {
    if (first) await this.mounted; // "connected" means: taps are heard
    if (this.socket.readyState !== this.socket.OPEN) return;
    await this.line.opened(first);
    if (first && this.#isForetold) setTimeout(() => void this.#compare(), COMPARE_AFTER_MS);
  }

  /** What came with the page was true when it was made; another tab may have gone on since. */
  async #compare() {
    if (this.#ended || !this.#isForetold || !this.#isMounted || !this.line.isUp) return;
    this.#isForetold = false;
    await this.#resync().catch(() => undefined);
  }

  async #begin() {
    try {
      this.#engine = await import(this.assets.engine);
    } catch {
      const act = () => location.reload();
      say("This page did not load completely.", { offer: { label: "Try again", act } });
      return;
    }
    if (this.#ended || !this.#engine) return;
    this.#kernel = this.#engine.connect(this.config, this.clientId, this.socket.asClass);
    this.#kernel.statusChanged.connect((_, status) => {
      // Said by the server when it has seen the kernel end.
      if (status === "dead" && !this.#ended) this.line.dead();
    });
    await this.mount();
  }

  /** Bring the widgets of the page that is shown to life. */
  mount() {
    const mount = ++this.#mounts;
    this.#isMounted = false;
    this.#isLeftBehind = false;
    this.mounted = this.#mountWidgets(mount).catch((error) => {
      if (mount !== this.#mounts || this.#ended) return;
      console.error(error);
      const act = () => this.owner.askAgain();
      say("A part of this page did not come up.", { offer: { label: "Try again", act } });
    });
    return this.mounted;
  }

  /** @param {number} mount */
  async #mountWidgets(mount) {
    const engine = this.#engine;
    const kernel = this.#kernel;
    if (!engine || !kernel) return;
    const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#main .rc-widget[data-model-id]"));
    if (places.length === 0) return;
    const manager = await this.#managerWith(Array.from(places, (place) => String(place.dataset.modelId)), mount);
    if (!manager || mount !== this.#mounts || this.#ended) return;
    for (const place of places) {
      const model = await manager.get_model(String(place.dataset.modelId));
      if (mount !== this.#mounts || this.#ended) return;
      await manager.showIn(model, place);
      model.once("comm:close", () => this.#leftBehind(place));
    }
    this.#isMounted = true;
  }

  /**
   * @param {string[]} ids of the models that the page shows
   * @param {number} mount
   * @returns {Promise<Manager | undefined>} with all these models; undefined when overtaken
   */
  async #managerWith(ids, mount) {
    if (this.#manager?.isHeld && (await this.#manager.opened(ids))) return this.#manager;
    if (mount !== this.#mounts || this.#ended) return undefined;
    const states = await this.#statesWith(ids);
    const manager = await this.#managerFor(states);
    if (mount !== this.#mounts || this.#ended) return undefined;
    await manager.take(states);
    return manager;
  }

  /** @param {string[]} ids */
  async #statesWith(ids) {
    const foretold = this.#foretold;
    this.#foretold = undefined;
    this.#isForetold = foretold !== undefined && ids.every((id) => id in foretold);
    if (foretold && this.#isForetold) return foretold;
    return /** @type {Engine} */ (this.#engine).requestStates(/** @type {ReturnType<Engine["connect"]>} */ (this.#kernel));
  }

  /**
   * The lean manager knows the widgets of this workbook. A page with other official widgets gets
   * the full one, with everything they stand on.
   *
   * @param {import("./engine.js").States} states
   */
  async #managerFor(states) {
    const engine = /** @type {Engine} */ (this.#engine);
    const kernel = /** @type {ReturnType<Engine["connect"]>} */ (this.#kernel);
    const isFull = this.#manager?.isFull ?? false;
    if (isFull || engine.needsControls(states)) {
      if (!isFull) {
        this.#manager?.forget();
        loadStyle(this.assets.controlsStyle);
        const { createFullManager } = await import(this.assets.controls);
        this.#manager = /** @type {Manager} */ (createFullManager(kernel, engine.SHIPPED));
      }
    } else {
      this.#manager ??= engine.createManager(kernel, () => this.#outgrow());
    }
    return /** @type {Manager} */ (this.#manager);
  }

  /**
   * The kernel opened a widget that only the full manager knows. If it is for another tab's page,
   * ours is closed at the same time, and this is none of our business.
   */
  #outgrow() {
    clearTimeout(this.#outgrowing);
    this.#outgrowing = setTimeout(() => {
      if (this.#ended || !this.#isMounted || this.#isLeftBehind) return;
      this.forget();
      void this.mount();
    }, OUTGROW_MS);
  }

  /** The kernel closed this page's widgets: it went on elsewhere. @param {HTMLElement} place */
  #leftBehind(place) {
    this.#isLeftBehind = true;
    const note = document.createElement("div");
    note.className = "rc-note";
    note.setAttribute("role", "status");
    const sentence = document.createElement("p");
    sentence.textContent = "You went on in another tab or window.";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "rc-button";
    button.textContent = "Continue here";
    button.addEventListener("click", () => this.owner.askAgain());
    note.append(sentence, button);
    place.replaceChildren(note);
  }

  async #resync() {
    if (!this.#engine || !this.#kernel || this.#kernel.isDisposed) return;
    if (!this.#manager || !this.#isMounted) await this.mount();
    else await this.#manager.refresh(await this.#engine.requestStates(this.#kernel));
  }

  /** @param {number} withinMs */
  #pulse(withinMs) {
    if (!this.#kernel || this.#kernel.isDisposed) return;
    void this.#kernel.requestKernelInfo().catch(() => undefined);
    this.socket.doubt(withinMs);
  }

  /** Stand still: the page will be turned. */
  hold() {
    this.#mounts += 1;
    this.#manager?.hold();
  }

  /** Take the views of the page away. */
  forget() {
    this.#mounts += 1;
    this.#manager?.forget();
  }

  end() {
    this.#ended = true;
    this.forget();
    this.line.end();
    this.#kernel?.dispose();
    this.socket.close();
  }
}

/** Names this page's connection to the server. `crypto.randomUUID` is missing on plain http. */
function newClientId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

/** @param {string} href */
function loadStyle(href) {
  if (document.querySelector(`link[href="${CSS.escape(href)}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}

