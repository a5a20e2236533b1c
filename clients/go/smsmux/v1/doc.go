// Package smsmuxv1 has the messages, enums and gRPC stubs of smsmux, one gRPC API in front of many SMS vendors.
//
// [github.com/smsmux/smsmux/clients/go] makes the calls with key, TLS, deadline, idempotency key and repeats, and has the messages
// and enums under the same names.
package smsmuxv1
