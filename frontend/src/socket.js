/**
 * A websocket that outlives its connections.
 *
 * `KernelConnection` of @jupyterlab/services is given this class in place of `WebSocket`. It sees
 * one socket that opens once and stays; underneath, connections come and go. Its own reconnecting
 * (seven attempts, half a minute of silence between some of them, a REST address that we do not
 * serve, nobody told) never gets its turn.
 *
 * While there is no connection, what is sent is dropped: a message that matters is in the outbox
 * of the page and is sent again from there until the kernel acknowledges it.
 */

/**
 * Silence after something was sent: the kernel says "idle" when it has dealt with a message, so
 * silence means that nobody is there (a phone that slept, a network that changed).
 */
const SILENCE_MS = 12_000;

/**
 * @typedef {object} Watcher
 * @property {(first: boolean) => void} opened
 * @property {() => void} closed  an open connection ended
 * @property {() => void} refused a connection could not be opened
 */

export class PatientSocket {
  CONNECTING = 0;
  OPEN = 1;
  CLOSING = 2;
  CLOSED = 3;

  readyState = 0;
  protocol = "";
  binaryType = "arraybuffer";
  /** @type {((event: any) => void) | null} */ onopen = null;
  /** @type {((event: any) => void) | null} */ onmessage = null;
  /** @type {((event: any) => void) | null} */ onclose = null;
  /** @type {((event: any) => void) | null} */ onerror = null;

  /** @type {WebSocket | undefined} */ #wire;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #silence;
  #everOpened = false;
  #toldOpen = false;

  /**
   * Opens at once, while the engine that will use it is still on its way.
   *
   * @param {string} url
   * @param {string[]} protocols
   * @param {Watcher} watcher
   */
  constructor(url, protocols, watcher) {
    this.url = url;
    this.protocols = protocols;
    this.watcher = watcher;
    this.connect();
  }

  /** A class for `KernelConnection` to construct; what it gets is this socket. */
  get asClass() {
    const socket = this;
    return class {
      constructor() {
        queueMicrotask(() => socket.#tellOpen()); // its handlers are set by then
        return socket;
      }
    };
  }

  /** Open a connection now, in place of whatever there is. */
  connect() {
    this.#drop();
    if (this.readyState === this.CLOSED) return;
    const wire = new WebSocket(this.url, this.protocols);
    wire.binaryType = "arraybuffer";
    this.#wire = wire;
    wire.onopen = () => {
      this.protocol = wire.protocol;
      this.readyState = this.OPEN;
      const first = !this.#everOpened;
      this.#everOpened = true;
      this.#tellOpen();
      this.watcher.opened(first);
    };
    wire.onmessage = (event) => {
      this.#heard();
      this.onmessage?.(event);
    };
    wire.onclose = () => this.#lose();
  }

  /** @param {ArrayBuffer | string} data */
  send(data) {
    if (this.#wire?.readyState !== WebSocket.OPEN) return;
    this.#wire.send(data);
    this.#silence ??= setTimeout(() => this.#lose(), SILENCE_MS);
  }

  /** Take the line for lost unless something is heard soon. @param {number} withinMs */
  doubt(withinMs) {
    if (this.readyState !== this.OPEN) return;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lose(), withinMs);
  }

  close() {
    this.readyState = this.CLOSED;
    this.#drop();
  }

  #tellOpen() {
    if (this.#toldOpen || this.readyState !== this.OPEN || !this.onopen) return;
    this.#toldOpen = true;
    this.onopen({ type: "open" });
  }

  #heard() {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  #lose() {
    const wasOpen = this.readyState === this.OPEN;
    this.#drop();
    if (this.readyState === this.CLOSED) return;
    this.readyState = this.CONNECTING;
    if (wasOpen) this.watcher.closed();
    else this.watcher.refused();
  }

  #drop() {
    this.#heard();
    const wire = this.#wire;
    this.#wire = undefined;
    if (!wire) return;
    wire.onopen = wire.onmessage = wire.onclose = null;
    wire.close();
  }
}
