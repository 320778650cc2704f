/**
 * Stands in for sanitize-html (with parser and PostCSS, 60 KB compressed), which only cleans the
 * descriptions of core ipywidgets. Here such a description is text: nothing of it is markup.
 *
 * @param {string} text
 */
export default function sanitize(text) {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
}
