//! The protocols that calls arrive by.

pub(super) mod grpc;
pub(super) mod webhooks;
