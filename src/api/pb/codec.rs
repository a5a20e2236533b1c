//! The codec with which the server decodes requests and encodes responses.

use std::marker::PhantomData;

use prost::{
    DecodeError, EncodeError, Message,
    bytes::Buf,
    encoding::{DecodeContext, decode_key, skip_field},
};
use tonic::{
    Status,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};
use tonic_prost::ProstEncoder;

/// The error of a second request message.
pub const TOO_MANY_MESSAGES: &str = "the method accepts one request message, and the call has more";

/// The most fields of a request, including each entry of a list: more than any vendor accepts. Entries of two bytes
/// take dozens in memory, so their number must be limited too.
const MAX_FIELDS: usize = 100_000;

/// The bytes of a buffer for responses at first: most responses fit, and a stream keeps the buffer as long as it waits. Tonic's own
/// is of 8 KiB, most of what an idle stream took.
const RESPONSE_BUFFER: usize = 1 << 10;

/// The bytes from which the responses of a stream that are ready are sent: tonic's own.
const YIELD_THRESHOLD: usize = 32 << 10;

/// Decodes the one request `U` of a method and encodes its responses `T`. No method accepts a stream.
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
        encoder()
    }

    fn decoder(&mut self) -> Self::Decoder {
        OneRequest { read: false, of: PhantomData }
    }
}

/// Returns the encoder of responses.
fn encoder<T>() -> ProstEncoder<T> {
    ProstEncoder::new(buffers())
}

fn buffers() -> BufferSettings {
    BufferSettings::new(RESPONSE_BUFFER, YIELD_THRESHOLD)
}

/// A response of any type.
pub(crate) type AnyResponse = Box<dyn Encode>;

/// A message that can be encoded.
pub(crate) trait Encode: Send {
    /// Appends the message to the buffer.
    fn append(&self, buffer: &mut EncodeBuf<'_>) -> Result<(), EncodeError>;
}

impl<T: Message> Encode for T {
    fn append(&self, buffer: &mut EncodeBuf<'_>) -> Result<(), EncodeError> {
        self.encode(buffer)
    }
}

/// Encodes responses of any type, so that what writes them is compiled once and not for each type.
pub(crate) struct AnyEncoder;

impl Encoder for AnyEncoder {
    type Item = AnyResponse;
    type Error = Status;

    fn encode(&mut self, response: AnyResponse, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        response.append(buffer).map_err(|error| Status::internal(error.to_string()))
    }

    fn buffer_settings(&self) -> BufferSettings {
        buffers()
    }
}

/// Decodes one request and rejects a second one. An invalid message is INVALID_ARGUMENT.
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
        // prost's error contains the field's name, but never its value.
        let unreadable = |error| Status::invalid_argument(format!("the request message cannot be decoded: {error}"));
        // A field has at least two bytes.
        if bytes.remaining() > 2 * MAX_FIELDS && fields(bytes.chunk()).map_err(unreadable)? > MAX_FIELDS {
            let text = format!("the request message has more than {MAX_FIELDS} fields, or entries of lists");
            return Err(Status::invalid_argument(text));
        }
        U::decode(bytes).map(Some).map_err(unreadable)
    }
}

/// Returns the number of fields of a message, without those of nested messages.
fn fields(mut message: &[u8]) -> Result<usize, DecodeError> {
    let mut count = 0;
    while message.has_remaining() {
        let (tag, wire_type) = decode_key(&mut message)?;
        skip_field(wire_type, tag, &mut message, DecodeContext::default())?;
        count += 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::pb::SendMessageRequest;

    #[test]
    fn the_fields_of_a_message_are_counted_without_nested_ones() {
        let recipients = vec!["+393471234567".to_owned(); 3];
        let request = SendMessageRequest { recipients, text: "\u{8}\u{8}".to_owned(), ..SendMessageRequest::default() };
        assert_eq!(fields(&request.encode_to_vec()), Ok(4));
        assert!(fields(&[0x0a, 9]).is_err());
    }
}
