/** Stands in for @lumino/messaging: delivers at once; nobody waits for resize messages. */
export const MessageLoop = {
  /** @param {any} handler @param {any} message */
  sendMessage: (handler, message) => handler.processMessage(message),
  postMessage() {},
};
