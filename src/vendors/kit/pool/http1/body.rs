//! The body of an answer: where it ends.

use bytes::{Buf, Bytes, BytesMut};

use super::head::Invalid;

/// The most bytes of a line that gives the size of a chunk, and of all trailers, as in hyper.
const LINE: usize = 16 << 10;

/// The most trailers.
const TRAILERS: usize = 100;

/// How the end of a body is found (RFC 9112, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes are to come.
    Length(u64),
    /// Chunks are to come.
    Chunked(Chunks),
    /// The vendor closes the connection.
    UntilClose,
}

/// Where in a chunked body the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunks {
    /// In the line with the size of the next chunk.
    Size,
    /// In a chunk, of which so many bytes are to come.
    Data(u64),
    /// In the line end after a chunk.
    End,
    /// In the trailers.
    Trailers,
    /// After the body.
    Over,
}

impl Framing {
    pub(super) const fn chunked() -> Self {
        Self::Chunked(Chunks::Size)
    }

    /// Whether the body is complete.
    pub(super) fn is_over(self) -> bool {
        matches!(self, Self::Length(0) | Self::Chunked(Chunks::Over))
    }

    /// Returns how many bytes are to come, if the head says so.
    pub(super) fn length(self) -> Option<u64> {
        match self {
            Self::Length(length) => Some(length),
            _ => None,
        }
    }

    /// Takes the next part of the body from the buffer; `None` if more has to be read, or if the body is over.
    ///
    /// # Errors
    /// The body is not chunked as it should be.
    pub(super) fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, Invalid> {
        match self {
            Self::Length(left) => Ok(part(left, buffer)),
            Self::UntilClose => Ok((!buffer.is_empty()).then(|| buffer.split().freeze())),
            Self::Chunked(chunks) => chunks.next(buffer),
        }
    }
}

impl Chunks {
    fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, Invalid> {
        loop {
            match self {
                // httparse takes a line without any digit for the size 0, which would end the body.
                Self::Size if buffer.first().is_some_and(|first| !first.is_ascii_hexdigit()) => return Err(Invalid),
                Self::Size => match httparse::parse_chunk_size(buffer).map_err(|_| Invalid)? {
                    httparse::Status::Complete((line, _)) if buffer[..line - 1].contains(&b'\n') => {
                        return Err(Invalid);
                    }
                    httparse::Status::Complete((line, size)) => {
                        buffer.advance(line);
                        *self = if size == 0 { Self::Trailers } else { Self::Data(size) };
                    }
                    httparse::Status::Partial if buffer.len() > LINE => return Err(Invalid),
                    httparse::Status::Partial => return Ok(None),
                },
                Self::Data(0) => *self = Self::End,
                Self::Data(left) => return Ok(part(left, buffer)),
                Self::End if buffer.len() < 2 => return Ok(None),
                Self::End if buffer.starts_with(b"\r\n") => {
                    buffer.advance(2);
                    *self = Self::Size;
                }
                Self::End => return Err(Invalid),
                // Trailers are skipped.
                Self::Trailers => match trailers(buffer)? {
                    Some(length) => {
                        buffer.advance(length);
                        *self = Self::Over;
                    }
                    None if buffer.len() > LINE => return Err(Invalid),
                    None => return Ok(None),
                },
                Self::Over => return Ok(None),
            }
        }
    }
}

/// Returns the length of the trailers, with the empty line after them; `None` if they are incomplete. The last two line
/// ends have their CR, as in hyper.
fn trailers(buffer: &[u8]) -> Result<Option<usize>, Invalid> {
    let length = match buffer.starts_with(b"\r\n") {
        true => 2,
        false => match buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            Some(start) => start + 4,
            None => return Ok(None),
        },
    };
    let trailers = &buffer[..length];
    let ends = trailers.windows(2).filter(|end| end == b"\r\n").count();
    // httparse reads no further than a line that is empty but for a bare LF.
    if trailers.iter().filter(|byte| **byte == b'\r').count() > ends {
        return Err(Invalid);
    }
    let mut found = [httparse::EMPTY_HEADER; TRAILERS];
    // As many as lines with a CR, so that a bare LF makes no trailer.
    match httparse::parse_headers(trailers, found.get_mut(..ends - 1).ok_or(Invalid)?) {
        Ok(httparse::Status::Complete(_)) => Ok(Some(length)),
        Ok(httparse::Status::Partial) | Err(_) => Err(Invalid),
    }
}

fn part(left: &mut u64, buffer: &mut BytesMut) -> Option<Bytes> {
    let take = usize::try_from(*left).unwrap_or(usize::MAX).min(buffer.len());
    *left -= take as u64;
    (take > 0).then(|| buffer.split_to(take).freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a body that arrives in pieces of a size.
    fn read(mut framing: Framing, body: &[u8], size: usize) -> Result<(String, bool, usize), Invalid> {
        let (mut read, mut buffer) = (Vec::new(), BytesMut::new());
        for piece in body.chunks(size) {
            buffer.extend_from_slice(piece);
            while let Some(part) = framing.next(&mut buffer)? {
                read.extend_from_slice(&part);
            }
        }
        Ok((String::from_utf8(read).expect("text"), framing.is_over(), buffer.len()))
    }

    #[test]
    fn a_body_is_the_same_however_it_arrives() {
        let chunked = b"4\r\nWiki\r\n6;a=b\r\npedia \r\nE \r\nin \r\n\r\nchunks.\r\n0\r\nTrailer: x\r\n\r\n";
        for size in 1..=chunked.len() {
            let (text, over, rest) = read(Framing::chunked(), chunked, size).expect("valid");
            assert_eq!((&*text, over, rest), ("Wikipedia in \r\n\r\nchunks.", true, 0), "{size}");
            assert_eq!(read(Framing::Length(3), b"abc", size), Ok(("abc".to_owned(), true, 0)));
            assert_eq!(read(Framing::UntilClose, b"abc", size), Ok(("abc".to_owned(), false, 0)));
        }
        assert_eq!(read(Framing::Length(3), b"abcd", 4), Ok(("abc".to_owned(), true, 1)));
        assert_eq!(read(Framing::chunked(), b"1\r\na\r\n0\r\n\r\nx", 99), Ok(("a".to_owned(), true, 1)));
    }

    #[test]
    fn a_part_of_a_body_is_not_all_of_it() {
        let body = b"4\r\nWiki\r\n0\r\n\r\n";
        for end in 0..body.len() {
            assert!(!read(Framing::chunked(), &body[..end], body.len()).expect("valid").1, "{end}");
        }
        // The empty line is not that of a bare LF.
        for trailers in ["a: b\r\n\n", "a: b\n\r\n", "\n"] {
            let body = format!("0\r\n{trailers}");
            assert_eq!(
                read(Framing::chunked(), body.as_bytes(), 99).map(|(_, over, _)| over),
                Ok(false),
                "{trailers:?}"
            );
        }
    }

    #[test]
    fn bad_chunks_are_invalid() {
        for body in [
            "x\r\n",
            "-1\r\n",
            "1\r\nab\r\n",
            "1\r\na\n\n",
            "fffffffffffffffff\r\n",
            "1\nx",
            "\r\n",
            ";a\r\n",
            "1;a\nb\r\n",
            "0\r\nno trailer\r\n\r\n",
            "0\r\na: b\rc\r\n\r\n",
            "0\r\n\na: b\rc\r\n\r\n",
            "0\r\na: b\nc: d\r\n\r\n",
        ] {
            assert_eq!(read(Framing::chunked(), body.as_bytes(), 1), Err(Invalid), "{body:?}");
        }
        let endless = "a".repeat(2 * LINE);
        assert_eq!(read(Framing::chunked(), format!("1;{endless}").as_bytes(), 1024), Err(Invalid));
        assert_eq!(read(Framing::chunked(), format!("0\r\n{endless}").as_bytes(), 1024), Err(Invalid));
        assert_eq!(
            read(Framing::chunked(), format!("0\r\n{}", "a: b\r\n".repeat(LINE)).as_bytes(), 1024),
            Err(Invalid)
        );
    }
}
