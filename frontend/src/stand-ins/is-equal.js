/** Stands in for lodash/isEqual: underscore is there anyway, for Backbone. */
export { isEqual as default } from "underscore";
