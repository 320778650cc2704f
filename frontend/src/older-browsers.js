/**
 * What browsers in people's pockets lack. Safari before 17.4, Chrome before 116 and Firefox before
 * 124 have no `AbortSignal.any`, which anywidget's runtime and our page widget use.
 */
if (!("any" in AbortSignal)) {
  /** @type {any} */ (AbortSignal).any = (/** @type {Iterable<AbortSignal>} */ signals) => {
    const either = new AbortController();
    for (const signal of signals) {
      if (signal.aborted) either.abort(signal.reason);
      signal.addEventListener("abort", () => either.abort(signal.reason), { once: true, signal: either.signal });
    }
    return either.signal;
  };
}
