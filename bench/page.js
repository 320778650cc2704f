/**
 * A person in the page who taps what stands there as soon as it can be seen.
 *
 * Runs before any script of the page. Time is the browser's own, from the moment the navigation
 * began; nothing of the driver's way to the browser and back is in it. Whatever changes the page
 * is looked at in the same instant (MutationObserver), not at the next poll.
 *
 * `PLAN` is put in by `browser.py`: selectors of the peer's page (see `peers.Plan`).
 */
(() => {
  if (window !== window.top) return;
  const plan = PLAN;

  // Some peers draw inside shadow roots, which neither a selector nor an observer looks into.
  const roots = [document];
  const hearers = new Set();
  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attachShadow.call(this, options);
    roots.push(root);
    for (const hear of hearers) hear(root);
    return root;
  };
  const all = (selector) =>
    roots.flatMap((root) => (root.isConnected ? [...root.querySelectorAll(selector)] : []));

  const isSeen = (element) => element.getClientRects().length > 0 && !element.disabled;
  const find = (selector) => all(selector).find(isSeen);
  /** The words in an element, or in what it draws inside its shadow root. */
  const textOf = (element) =>
    element.shadowRoot
      ? [...element.shadowRoot.children].map(textOf).join(" ")
      : element.matches("style, link, script")
        ? ""
        : element.textContent;
  const isAnswered = () => {
    const status = find(plan.status);
    return Boolean(status && new RegExp(plan.answered).test(textOf(status).trim()));
  };

  /** Resolve with the instant at which this became so. */
  const when = (isSo) =>
    new Promise((resolve) => {
      const look = () => {
        const found = isSo();
        if (!found) return;
        observer.disconnect();
        hearers.delete(hear);
        clearInterval(timer);
        resolve({ found, at: performance.now() });
      };
      const observer = new MutationObserver(look);
      const everything = { subtree: true, childList: true, attributes: true, characterData: true };
      const hear = (root) => observer.observe(root, everything);
      hearers.add(hear);
      roots.forEach(hear);
      const timer = setInterval(look, 50); // what a late stylesheet shows changes no node
      look();
    });
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  async function first() {
    const shown = await when(() => find(plan.shown));
    window.benchSays("shown", shown.at);
    const choice = () => find(plan.choice);
    if (plan.begin && !choice()) {
      const { found } = await when(() => choice() || find(plan.begin));
      if (found.matches(plan.begin)) found.click();
    }
    (await when(choice)).found.click();
    window.benchSays("answered", (await when(isAnswered)).at);
  }

  /** Answer the next questions; return how long each took from the tap to the word. */
  window.benchTap = async (count) => {
    const waits = [];
    for (let n = 0; n < count; n++) {
      (await when(() => find(plan.next))).found.click();
      const untouched = () => {
        const choice = find(plan.choice); // of a question on its way out, the one tapped is not
        return choice && !choice.checked && choice;
      };
      const { found } = await when(() => !isAnswered() && untouched());
      await pause(60); // the eye is slower
      const began = performance.now();
      found.click();
      waits.push((await when(isAnswered)).at - began);
    }
    return waits;
  };

  /** Follow a link to another page in place; return how long until it stands there. */
  window.benchTurn = async (href) => {
    for (const old of document.querySelectorAll("main *")) old.setAttribute("data-bench-old", "");
    const link = document.createElement("a");
    link.href = href;
    link.textContent = "turn";
    document.body.append(link);
    const began = performance.now();
    link.click();
    const isNew = () =>
      all(plan.shown).find(
        (element) => isSeen(element) && !element.hasAttribute("data-bench-old"),
      );
    const waited = (await when(isNew)).at - began;
    link.remove();
    return waited;
  };

  /** Tap what leads to the other page in this document; return how long until it stands there. */
  window.benchFollow = async ({ tap, shown }) => {
    const { found } = await when(() => find(tap));
    const began = performance.now();
    found.click();
    return (await when(() => find(shown))).at - began;
  };

  /** Tap what loads the other page; its own script says when it stands there. */
  window.benchLeave = async ({ tap }) => {
    const { found } = await when(() => find(tap));
    setTimeout(() => found.click());
  };

  /** What can be read on the page, for the message that it was not as expected. */
  window.benchText = () =>
    roots.flatMap((root) => [...(root.body ?? root).children].map(textOf)).join(" ");

  first();
})();
