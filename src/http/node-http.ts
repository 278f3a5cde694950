/**
 * `node:http`, without what an `import` of it loads. An import asks a module of Node for each of its names, and some of this one's
 * (`WebSocket`) are Node's whole client for `fetch`: 30 ms of processor time and 14 MiB at every start, for nothing that a server uses.
 */
export const http = process.getBuiltinModule('node:http')
