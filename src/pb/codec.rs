//! How the server reads requests and writes answers.

use std::marker::PhantomData;

use prost::Message;
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder},
};
use tonic_prost::ProstEncoder;

/// What is said of a second message.
pub const TOO_MANY_MESSAGES: &str = "the method takes one request message, and the call has more";

/// Reads the one request `U` of a method and writes its answers `T`. No method takes a stream.
#[derive(Debug)]
pub struct ServerCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for ServerCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T: Message + Send + 'static, U: Message + Default + Send + 'static> Codec for ServerCodec<T, U> {
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = OneRequest<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        OneRequest { read: false, of: PhantomData }
    }
}

/// Reads one request and refuses another after it. What cannot be read is INVALID_ARGUMENT.
#[derive(Debug)]
pub struct OneRequest<U> {
    read: bool,
    of: PhantomData<U>,
}

impl<U: Message + Default> Decoder for OneRequest<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        if std::mem::replace(&mut self.read, true) {
            return Err(Status::unimplemented(TOO_MANY_MESSAGES));
        }
        // prost names the field, and never its value.
        let unreadable = |error| Status::invalid_argument(format!("the request message cannot be read: {error}"));
        U::decode(bytes).map(Some).map_err(unreadable)
    }
}
