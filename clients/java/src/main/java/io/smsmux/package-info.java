/**
 * The client of smsmux, one gRPC API in front of many SMS vendors: {@link io.smsmux.Client}. The messages and the stubs are in {@code
 * io.smsmux.v1}.
 */
package io.smsmux;
