//! Decodes the content codings of answers (RFC 9110, section 8.4). Requests ask for none; some servers compress all the
//! same.
//!
//! gzip and deflate are supported. Brotli and zstd would each add a decoder for what no server may send to a client
//! that asks for `identity`.

use std::io::{self, Read};

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, header};

/// The magic number of gzip. JSON and text never begin with it.
const GZIP: &[u8] = b"\x1f\x8b";

/// Decodes a body of at most `limit` bytes.
///
/// # Errors
/// Why the body cannot be decoded.
pub(super) fn decoded(headers: &HeaderMap, body: Bytes, limit: usize) -> Result<Bytes, &'static str> {
    if !headers.contains_key(header::CONTENT_ENCODING) && !body.starts_with(GZIP) {
        return Ok(body);
    }
    let said = headers.get_all(header::CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let said: Vec<_> = said.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect();
    let mut body = body;
    // The header lists the codings in the order in which they were applied.
    for name in said.iter().rev() {
        body = match name.as_str() {
            _ if body.is_empty() => body,
            "" | "identity" => body,
            // Some servers label bodies as gzip that they did not compress.
            "gzip" | "x-gzip" if !body.starts_with(GZIP) => body,
            "gzip" | "x-gzip" => whole(MultiGzDecoder::new(&body[..]), limit)?,
            // zlib (RFC 1950); some servers omit its frame.
            "deflate" if is_zlib(&body) => whole(ZlibDecoder::new(&body[..]), limit)?,
            "deflate" => whole(DeflateDecoder::new(&body[..]), limit)?,
            _ => return Err("unsupported content coding"),
        };
    }
    if body.starts_with(GZIP) {
        return whole(MultiGzDecoder::new(&body[..]), limit);
    }
    Ok(body)
}

fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..] if method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]) % 31 == 0)
}

fn whole(decoder: impl Read, limit: usize) -> Result<Bytes, &'static str> {
    let mut body = Vec::new();
    let read: io::Result<usize> = decoder.take(limit as u64 + 1).read_to_end(&mut body);
    match read {
        Err(_) => Err("invalid compressed data"),
        Ok(length) if length > limit => Err("the answer is too large"),
        Ok(_) => Ok(body.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };
    use http::HeaderValue;

    use super::*;

    const TEXT: &[u8] = b"{\"result\": \"OK\", \"order_id\": \"1\"}";

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    }

    fn read(codings: &[&'static str], body: &[u8]) -> Result<Bytes, &'static str> {
        let headers = codings.iter().map(|name| (header::CONTENT_ENCODING, HeaderValue::from_static(name)));
        decoded(&HeaderMap::from_iter(headers), Bytes::copy_from_slice(body), 1000)
    }

    #[test]
    fn gzip_and_deflate_are_read_however_they_are_announced() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(TEXT).expect("memory");
        let zlib = zlib.finish().expect("memory");
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(TEXT).expect("memory");
        let raw = raw.finish().expect("memory");
        for (codings, body) in [
            (&[][..], TEXT.to_vec()),
            (&["identity"], TEXT.to_vec()),
            (&["gzip"], TEXT.to_vec()),
            (&["gzip"], gzip(TEXT)),
            (&["X-GZip"], gzip(TEXT)),
            (&["identity, gzip"], gzip(TEXT)),
            (&[], gzip(TEXT)),
            (&["gzip", "gzip"], gzip(&gzip(TEXT))),
            (&["gzip"], [gzip(&TEXT[..9]), gzip(&TEXT[9..])].concat()),
            (&["deflate"], zlib),
            (&["deflate"], raw),
        ] {
            assert_eq!(read(codings, &body).as_deref(), Ok(TEXT), "{codings:?}");
        }
        assert_eq!(read(&["gzip"], b"").as_deref(), Ok(&b""[..]));
    }

    #[test]
    fn invalid_unknown_and_oversized_codings_are_rejected() {
        let whole = gzip(TEXT);
        assert_eq!(read(&["gzip"], &whole[..whole.len() - 9]), Err("invalid compressed data"));
        assert_eq!(read(&["deflate"], TEXT), Err("invalid compressed data"));
        assert_eq!(read(&["br"], TEXT), Err("unsupported content coding"));
        assert_eq!(read(&["gzip"], &gzip(&[b'x'; 1001])), Err("the answer is too large"));
        assert!(read(&["gzip"], &gzip(&[b'x'; 1000])).is_ok());
    }
}
