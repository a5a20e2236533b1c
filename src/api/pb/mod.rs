//! The generated code: messages, service traits, clients and servers of `smsmux.v1`, and the descriptors behind
//! reflection. The protos in `proto/smsmux/v1` are the source, their comments the manual.
#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

pub mod codec;

tonic::include_proto!("smsmux.v1");
include!(concat!(env!("OUT_DIR"), "/servers/smsmux.v1.rs"));

/// The health protocol of gRPC.
pub mod health {
    include!(concat!(env!("OUT_DIR"), "/servers/grpc.health.v1.rs"));
}

/// The encoded `FileDescriptorSet` of the protos and all they import, comments included.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The same of the health protocol.
pub const HEALTH_DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/health.bin"));
