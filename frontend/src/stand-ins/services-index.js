/**
 * Stands in for the index of @jupyterlab/services as its kernel connection sees it. The real one
 * brings contents, settings, terminals, and with them Yjs, AJV and a form library.
 */
export { ServerConnection } from "@jupyterlab/services/lib/serverconnection";
export { CommsOverSubshells } from "@jupyterlab/services/lib/kernel/comm";
