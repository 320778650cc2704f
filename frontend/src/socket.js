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
 * Silence after something was sent: the kernel answers every message with "busy" at once, so
 * silence means that nobody is there (a phone that slept, a network that changed).
 */
const SILENCE_MS = 12_000;

/**
 * @typedef {object} Watcher
 * @property {(first: boolean) => void} opened
 * @property {() => void} closed  an open connection ended
 * @property {() => void} refused a connection could not be opened
 */

/**
 * Return a class that `KernelConnection` can construct, and `current()`, its only instance.
 *
 * @param {Watcher} watcher
 */
export function makeSocketClass(watcher) {
  /** @type {PatientSocket | undefined} */
  let current;

  class PatientSocket {
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

    /**
     * @param {string} url
     * @param {string[]} protocols
     */
    constructor(url, protocols) {
      this.url = url;
      this.protocols = protocols;
      current = this;
      this.connect();
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
        if (first) this.onopen?.({ type: "open" });
        watcher.opened(first);
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

    #heard() {
      clearTimeout(this.#silence);
      this.#silence = undefined;
    }

    #lose() {
      const wasOpen = this.readyState === this.OPEN;
      this.#drop();
      if (this.readyState === this.CLOSED) return;
      this.readyState = this.CONNECTING;
      if (wasOpen) watcher.closed();
      else watcher.refused();
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

  return { PatientSocket, current: () => current };
}
