//! The first bytes of a connection: HTTP/2 begins with a preface, and a client of HTTP/1 gets an error that names the
//! protocol.

use std::io::{self, ErrorKind};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, sink};

/// The preface of HTTP/2 (RFC 9113, section 3.4).
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The response to HTTP/1.
const ONLY_HTTP_2: &str = "HTTP/1.1 505 HTTP Version Not Supported\r\n\
    content-type: text/plain; charset=utf-8\r\n\
    content-length: 53\r\n\
    connection: close\r\n\
    \r\n\
    This port speaks gRPC over HTTP/2, and nothing else.\n";

/// The most bytes read of a rejected request: a connection closed with unread bytes is reset, and the client may lose
/// the response.
const REST: u64 = 64 << 10;

/// Reads the preface.
///
/// # Errors
/// The client does not speak HTTP/2. A client of HTTP/1 was sent a response.
pub(super) async fn read(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    let (mut bytes, mut read) = ([0; PREFACE.len()], 0);
    while read < PREFACE.len() {
        match stream.read(&mut bytes[read..]).await? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            more => read += more,
        }
        if bytes[..read] != PREFACE[..read] {
            if bytes[0].is_ascii_uppercase() {
                stream.write_all(ONLY_HTTP_2.as_bytes()).await?;
                stream.shutdown().await?;
                copy(&mut stream.take(REST), &mut sink()).await?;
                return Err(io::Error::new(ErrorKind::Unsupported, "the client speaks HTTP/1"));
            }
            return Err(io::Error::new(ErrorKind::InvalidData, "the client does not speak HTTP/2"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    /// Returns the response to a client that sends these pieces and then ends.
    async fn answer(pieces: &[&[u8]]) -> (io::Result<()>, String) {
        let (mut client, server) = duplex(1024);
        let server = tokio::spawn(read(server));
        for piece in pieces {
            client.write_all(piece).await.expect("written");
            tokio::task::yield_now().await;
        }
        client.shutdown().await.expect("shut down");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("an answer");
        (server.await.expect("no panic"), answer)
    }

    #[tokio::test]
    async fn http_2_begins_with_its_preface_in_however_many_pieces() {
        for at in 0..PREFACE.len() {
            let (first, second) = PREFACE.split_at(at);
            let (read, answer) = answer(&[first, second]).await;
            assert!(read.is_ok() && answer.is_empty(), "{at}");
        }
    }

    #[tokio::test]
    async fn a_client_of_http_1_gets_one_line_that_names_the_protocol() {
        let long = format!("POST / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(10_000));
        for request in
            ["GET / HTTP/1.1\r\nhost: a\r\n\r\n", "PUT / HTTP/1.1\r\n\r\n", "PRI * HTTP/1.1\r\n\r\n", "OPTIONS", &long]
        {
            let (read, answer) = answer(&[request.as_bytes()]).await;
            assert_eq!(read.expect_err("refused").kind(), ErrorKind::Unsupported);
            let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
            assert!(head.starts_with("HTTP/1.1 505 ") && head.contains("connection: close"), "{head}");
            assert!(head.contains(&format!("content-length: {}", body.len())), "{answer}");
            assert!(body.contains("gRPC") && body.lines().count() == 1, "{body}");
        }
    }

    #[tokio::test]
    async fn other_protocols_are_not_answered() {
        for bytes in [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], b"\0", b"hello", b""] {
            let (read, answer) = answer(&[bytes]).await;
            let expected = if bytes.is_empty() { ErrorKind::UnexpectedEof } else { ErrorKind::InvalidData };
            assert!(read.expect_err("refused").kind() == expected && answer.is_empty(), "{bytes:?}");
        }
    }
}
