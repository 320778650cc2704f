/**
 * On the page that "Leave quickly" shows: go on to the page elsewhere, if there is a way to it.
 *
 * In a room without internet the browser would put its own error page there, and somebody beside
 * the person would ask what they were looking for. So it is tried first; nothing of the answer can
 * be read, only that one came.
 */

/** Later the page would change under somebody who has begun to read it. */
const PATIENCE_MS = 3000;

const outside = String(document.documentElement.dataset.outside);
const giveUp = new AbortController();
setTimeout(() => giveUp.abort(), PATIENCE_MS);
fetch(outside, {
  mode: "no-cors",
  cache: "no-store",
  credentials: "omit",
  referrerPolicy: "no-referrer",
  signal: giveUp.signal,
}).then(
  () => location.replace(outside),
  () => undefined, // no way to it: this page stays
);
