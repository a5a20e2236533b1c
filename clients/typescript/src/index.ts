/**
 * The client of smsmux, one gRPC API in front of many SMS vendors, with all services, messages and enums of `smsmux.v1`.
 *
 * @module
 */
export { Client, type ClientOptions } from "./client.js";
export { SmsmuxError } from "./error.js";
export * from "./gen/smsmux/v1/index.js";
