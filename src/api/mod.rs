//! The traits that vendors implement and layers are generic over: one for each service, and one for all RPCs. Their
//! signatures contain no type of tonic, which only `server` uses.

pub mod budget;
pub mod conditions;
pub mod pb;
pub mod pushed;
pub mod shared;

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
    /// Whether the RPC may change something at the vendor.
    pub write: bool,
    /// Whether the RPC returns or replaces a credential of the vendor account.
    pub secret: bool,
    /// Whether smsmux answers the RPC without a vendor.
    pub served_here: bool,
    /// Whether the response is a stream.
    pub streams: bool,
    /// The path of the request's field that names the resource; empty if smsmux answers the RPC.
    pub resource_field: &'static str,
}

/// The response of a streaming RPC.
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
    /// Returns the name of the request's resource, which begins with that of the account.
    fn resource(&self) -> &str;

    /// Returns the vendor options of the request, if any.
    fn vendor_options(&self) -> Option<VendorOptions>;

    /// Returns the id of the message that the request sends, which is empty if the caller chose none; `None` if the
    /// request is not a send.
    fn message_id(&mut self) -> Option<&mut String>;

    /// Asks the vendor.
    fn ask<'a>(self, vendor: &'a dyn Vendor, call: &'a Call) -> BoxFuture<'a, Result<Self::Reply, Error>>;

    /// Wraps a streaming reply; returns any other unchanged.
    fn wrap_stream(reply: Self::Reply, wrap: impl WrapStream) -> Self::Reply;

    /// Encodes a reply; `None` for a stream.
    fn encode_reply(reply: &Self::Reply) -> Option<Vec<u8>>;

    /// Decodes what [`Self::encode_reply`] returned; `None` if the bytes are damaged or the reply is a stream.
    fn decode_reply(bytes: &[u8]) -> Option<Self::Reply>;
}

/// Wraps a stream of responses.
pub trait WrapStream {
    /// Wraps `stream`.
    fn wrap<T: Send + 'static>(self, stream: ResponseStream<T>) -> ResponseStream<T>;
}

/// Options that only one vendor accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorOptions {
    /// The vendor's name in the configuration.
    pub vendor: &'static str,
    /// The path of the field, for example `contact.lox24`.
    pub field: &'static str,
}

/// Returns the error of an RPC that the vendor does not support. The gateway rejects such RPCs before, see
/// [`Vendor::methods`].
pub fn not_offered() -> Error {
    Error::new(Reason::Unsupported, "the vendor does not support this").outcome(Outcome::NotSent)
}

/// Declares what a vendor offers, and implements [`Vendor`] for it:
/// `offers!(IntelePeer { MessageService { SendMessage, GetMessage } }, pushes: Webhook, shows: http)`.
macro_rules! offers {
    (
        $vendor:ty { $($service:ident { $($rpc:ident),* $(,)? }),* $(,)? }
        $(, takes_message_ids: $takes:literal)?
        $(, schedules: $schedules:literal)?
        $(, pushes: $pushes:ident)?
        $(, shows: $shows:ident)?
    ) => {
        impl $crate::api::Vendor for $vendor {
            $(fn takes_message_ids(&self) -> bool {
                $takes
            })?

            $(fn schedules(&self) -> bool {
                $schedules
            })?

            $(fn webhook(&self) -> Option<&dyn $crate::api::pushed::$pushes> {
                Some(self)
            })?

            $(fn conditions(&self) -> Option<&$crate::api::conditions::Conditions> {
                Some(self.$shows.conditions())
            }

            fn shared(&self) -> Option<&$crate::api::shared::Shared> {
                Some(self.$shows.shared())
            })?

            fn methods(&self) -> &'static [&'static $crate::api::Method] {
                &[$($($crate::api::methods::$service::$rpc,)*)*]
            }

            $($crate::api::offered_service!($service);)*
        }
    };
}
pub(crate) use offers;
