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

  const isSeen = (element) => element.getClientRects().length > 0 && !element.disabled;
  const find = (selector) => [...document.querySelectorAll(selector)].find(isSeen);
  const isAnswered = () => {
    const status = find(plan.status);
    return Boolean(status && new RegExp(plan.answered).test(status.textContent.trim()));
  };

  /** Resolve with the instant at which this became so. */
  const when = (isSo) =>
    new Promise((resolve) => {
      const look = () => {
        const found = isSo();
        if (!found) return;
        observer.disconnect();
        clearInterval(timer);
        resolve({ found, at: performance.now() });
      };
      const observer = new MutationObserver(look);
      const everything = { subtree: true, childList: true, attributes: true, characterData: true };
      observer.observe(document, everything);
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
      find(plan.next).click();
      const { found } = await when(() => !isAnswered() && find(plan.choice));
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
      [...document.querySelectorAll(plan.shown)].find(
        (element) => isSeen(element) && !element.hasAttribute("data-bench-old"),
      );
    const waited = (await when(isNew)).at - began;
    link.remove();
    return waited;
  };

  first();
})();
