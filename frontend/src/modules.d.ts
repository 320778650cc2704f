// What the packages do not declare themselves.
declare module "anywidget" {
  /** The build takes the factory out of the AMD module that the package ships. */
  export default function anywidget(base: typeof import("@jupyter-widgets/base")): Record<string, unknown>;
}
/** The build hands over a widget's stylesheet as text. */
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "underscore" {
  export function isEqual(a: unknown, b: unknown): boolean;
}
