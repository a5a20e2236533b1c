//! What vendors implement and layers are generic over: a plain trait for each service, and one trait for all RPCs. No type
//! of tonic is in any of their signatures: that is the door's.

pub mod pb;

use std::future::ready;

use async_trait::async_trait;
use futures::{future::BoxFuture, stream::BoxStream};

use crate::{
    call::Call,
    error::{Error, Outcome, Reason},
};

// `SERVICES`, `METHODS`, the service traits, `Vendor`, and `Rpc` for every request.
include!(concat!(env!("OUT_DIR"), "/api.rs"));

/// One RPC.
#[derive(Debug, PartialEq, Eq)]
pub struct Method {
    /// Its index in [`METHODS`].
    pub index: usize,
    /// Its full name, for example `smsmux.v1.MessageService/SendMessage`.
    pub path: &'static str,
    /// Whether it may change something at the vendor.
    pub write: bool,
    /// Whether it hands out or replaces a credential of the vendor account.
    pub secret: bool,
    /// Whether smsmux answers it without a vendor.
    pub served_here: bool,
    /// Whether it answers with a stream.
    pub streams: bool,
    /// The path of the request's field that names the resource; empty where smsmux answers.
    pub resource_field: &'static str,
}

/// What an RPC answers with that answers with a stream.
pub type ResponseStream<T> = BoxStream<'static, Result<T, Error>>;

/// The request of an RPC; each RPC has a request of its own.
pub trait Rpc: prost::Message + Default + 'static {
    /// The RPC.
    const METHOD: &'static Method;
    /// The response, or a stream of them.
    type Reply: Send + 'static;
}

/// The request of an RPC that a vendor answers.
pub trait VendorRpc: Rpc {
    /// The name of the resource that the request is about; it begins with that of the account.
    fn resource(&self) -> &str;

    /// The options for one vendor that the request has.
    fn vendor_options(&self) -> Option<VendorOptions>;

    /// Asks the vendor.
    fn ask<'a>(self, vendor: &'a dyn Vendor, call: &'a Call) -> BoxFuture<'a, Result<Self::Reply, Error>>;

    /// Wraps the reply where it is a stream; any other stays as it is.
    fn wrap_stream(reply: Self::Reply, wrap: impl WrapStream) -> Self::Reply;
}

/// Wraps a stream of responses.
pub trait WrapStream {
    /// Returns `stream` with something around it.
    fn wrap<T: Send + 'static>(self, stream: ResponseStream<T>) -> ResponseStream<T>;
}

/// Options that only one vendor takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorOptions {
    /// The vendor's name in the configuration.
    pub vendor: &'static str,
    /// The path of the field, for example `contact.lox24`.
    pub field: &'static str,
}

/// The error of an RPC that the vendor does not offer. The gateway asks no vendor for one, see [`Vendor::methods`].
pub fn not_offered() -> Error {
    Error::new(Reason::Unsupported, "the vendor does not offer this").outcome(Outcome::NotSent)
}

/// Declares what a vendor offers, and implements [`Vendor`] for it:
/// `offers!(IntelePeer { MessageService { SendMessage, GetMessage } })`.
macro_rules! offers {
    ($vendor:ty { $($service:ident { $($rpc:ident),* $(,)? }),* $(,)? }) => {
        impl $crate::api::Vendor for $vendor {
            fn methods(&self) -> &'static [&'static $crate::api::Method] {
                &[$($($crate::api::methods::$service::$rpc,)*)*]
            }

            $($crate::api::offered_service!($service);)*
        }
    };
}
pub(crate) use offers;
