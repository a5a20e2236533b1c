//! HTTP as it is written into a table: no library adds or leaves out a header.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::{Answer, Request};

/// Sends a request over a connection of its own.
pub(super) fn send(request: &Request) -> Answer {
    let address = request.url.strip_prefix("http://").unwrap();
    let (host, target) = address.split_at(address.find('/').unwrap());
    let has = |header: &str| request.headers.iter().any(|own| own == header);
    let (chunked, expects) = (has("Transfer-Encoding: chunked"), has("Expect: 100-continue"));
    let body = request.body.as_deref().unwrap_or_default();
    let mut head = format!("{} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n", request.method);
    for header in &request.headers {
        head += &format!("{header}\r\n");
    }
    if request.body.is_some() && !chunked {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(300))).unwrap();
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    if expects {
        assert_eq!(interim(&mut stream), "HTTP/1.1 100 Continue\r\n\r\n");
    }
    let body = match (chunked, body.len()) {
        (false, _) => body.to_owned(),
        (true, 0) => "0\r\n\r\n".to_owned(),
        (true, length) => format!("{length:x}\r\n{body}\r\n0\r\n\r\n"),
    };
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    read(&answer)
}

/// An answer before the answer.
fn interim(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        read.extend(byte);
    }
    String::from_utf8(read).unwrap()
}

/// Reads an answer: its head, an empty line, its body.
pub(super) fn read(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let location = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("location").then_some(value)
    });
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        location: location.unwrap_or_default().to_owned(),
        body: body.to_owned(),
    }
}
