/**
 * The workbook's own widgets, scripts and styles, as a part of the engine.
 *
 * Kernels of the workbook's server send neither, so a page's widgets are a few kilobytes of words,
 * on a slow network too. In a notebook elsewhere the same files come with the widgets, as
 * anywidget's always do, and this module is not there.
 */
import page from "../../reconnect_widgets/widgets/page.js";
import pageStyle from "../../reconnect_widgets/widgets/page.css";
import passage from "../../reconnect_widgets/widgets/passage.js";
import passageStyle from "../../reconnect_widgets/widgets/passage.css";
import questionSheet from "../../reconnect_widgets/widgets/question_sheet.js";
import questionSheetStyle from "../../reconnect_widgets/widgets/question_sheet.css";
import worksheet from "../../reconnect_widgets/widgets/worksheet.js";
import worksheetStyle from "../../reconnect_widgets/widgets/worksheet.css";

/** @typedef {{ module: { default: object }, style: string }} Shipped */

/** By the name that anywidget gives to a class. @type {Map<string, Shipped>} */
export const SHIPPED = new Map([
  ["reconnect_widgets.widgets.page.Page", { module: { default: page }, style: pageStyle }],
  ["reconnect_widgets.widgets.passage.Passage", { module: { default: passage }, style: passageStyle }],
  [
    "reconnect_widgets.widgets.question_sheet.QuestionSheet",
    { module: { default: questionSheet }, style: questionSheetStyle },
  ],
  ["reconnect_widgets.widgets.worksheet.Worksheet", { module: { default: worksheet }, style: worksheetStyle }],
]);
