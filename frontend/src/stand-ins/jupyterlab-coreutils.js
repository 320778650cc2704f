/**
 * Stands in for @jupyterlab/coreutils: the kernel connection wants to join addresses and to ask
 * for settings of a JupyterLab page, which this is not.
 */
export const URLExt = {
  /** @param {string[]} parts */
  join: (...parts) => parts.map((part, i) => (i ? part.replace(/^\//, "") : part)).join("/").replace(/([^:/])\/+/g, "$1/"),
  /** @param {string} url */
  normalize: (url) => url,
  getHostName: () => "",
};

export const PageConfig = {
  getOption: () => "",
  getToken: () => "",
  getBaseUrl: () => `${location.origin}/`,
  getWsUrl: () => `${location.origin.replace(/^http/, "ws")}/`,
};
