//! The doors that calls come in by.

pub(super) mod grpc;
