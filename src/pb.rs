//! The generated code: messages, service traits, clients and servers of `smsmux.v1`, and the descriptors behind
//! reflection. The protos in `proto/smsmux/v1` are the source, their comments the manual.
#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

tonic::include_proto!("smsmux.v1");

/// The encoded `FileDescriptorSet` of the protos and all they import, comments included.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
