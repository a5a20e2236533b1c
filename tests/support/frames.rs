//! A client that speaks HTTP/2 frame by frame, and does what no library would.

use std::net::{IpAddr, SocketAddr};

use prost::Message;
use smsmux::api::pb::ListAccountsRequest;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use super::in_time;

/// What an HTTP/2 client says first: the preface, and settings with nothing in them.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;

/// The flags of the last frame of a stream, and of the last one of a head.
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// A frame that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

/// A frame, as it goes over the wire.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The head of a call, with a key if there is one, and with no more to come if it is `whole`.
pub fn head(stream: u32, method: &str, key: Option<&str>, whole: bool) -> Vec<u8> {
    let text = |text: &str| {
        assert!(text.len() < 127);
        [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
    };
    // In HPACK: POST, http, :path, :authority, content-type and authorization, of which the table remembers none.
    let path = text(&format!("/{method}"));
    let mut fields =
        [&[0x83, 0x86, 0x04][..], &path, &[0x01], &text("x"), &[0x0f, 0x10], &text("application/grpc")].concat();
    if let Some(key) = key {
        fields.extend([&[0x0f, 0x08][..], &text(&format!("Bearer {key}"))].concat());
    }
    frame(HEADERS, END_HEADERS | if whole { END_STREAM } else { 0 }, stream, &fields)
}

/// A call with its message.
pub fn call(stream: u32, method: &str, key: Option<&str>, message: &impl Message) -> Vec<u8> {
    let message = message.encode_to_vec();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    let body = [&[0][..], &length, &message].concat();
    [head(stream, method, key, false), frame(DATA, END_STREAM, stream, &body)].concat()
}

/// Calls that are begun and cancelled at once, on streams from this one on.
pub fn cancelled(first: u32, count: u32, method: &str) -> Vec<u8> {
    let streams = (first..).step_by(2).take(count as usize);
    streams
        .flat_map(|stream| [head(stream, method, None, false), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat())
        .collect()
}

/// A connection.
pub struct Raw {
    stream: TcpStream,
}

impl Raw {
    /// Connects from an address of this machine, and says nothing.
    pub async fn silent(address: SocketAddr, from: impl Into<IpAddr>) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(from.into(), 0)).unwrap();
        Self { stream: socket.connect(address).await.unwrap() }
    }

    /// Connects, and begins HTTP/2.
    pub async fn connect(address: SocketAddr) -> Self {
        let mut raw = Self::silent(address, [127, 0, 0, 1]).await;
        raw.send(PREFACE).await;
        raw
    }

    /// Connects, and makes a call; `None` when the connection is turned away.
    pub async fn known(address: SocketAddr) -> Option<Self> {
        let mut raw = Self::connect(address).await;
        raw.send(&call(1, "smsmux.v1.AccountService/ListAccounts", None, &ListAccountsRequest::default())).await;
        while raw.next().await?.stream != 1 {}
        Some(raw)
    }

    /// Sends bytes, as far as anybody takes them.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = in_time(self.stream.write_all(bytes)).await;
    }

    /// The next frame; `None` at the end of the connection. Pings are answered.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            let mut head = [0; 9];
            in_time(self.stream.read_exact(&mut head)).await.ok()?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            in_time(self.stream.read_exact(&mut payload)).await.ok()?;
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            if (head[3], head[4]) != (PING, 0) {
                return Some(Frame { kind: head[3], flags: head[4], stream, payload });
            }
            self.send(&frame(PING, 1, 0, &payload)).await;
        }
    }

    /// Reads until such a frame.
    pub async fn until(&mut self, found: impl Fn(&Frame) -> bool) -> Frame {
        loop {
            let frame = self.next().await.expect("the connection goes on");
            if found(&frame) {
                return frame;
            }
        }
    }

    /// Reads the answer to the call on this stream: the frames of its head, its message and its end. Nobody may be asked to leave
    /// before.
    pub async fn answer(&mut self, stream: u32) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            let frame = self.next().await.expect("the connection goes on");
            assert_ne!(frame.kind, GOAWAY, "{frame:?}");
            if frame.stream == stream {
                let is_last = frame.kind == RST_STREAM || frame.flags & END_STREAM > 0;
                frames.push(frame);
                if is_last {
                    return frames;
                }
            }
        }
    }

    /// Waits for the end of the connection.
    pub async fn ended(&mut self) {
        while self.next().await.is_some() {}
    }

    /// Whether it goes on: a ping is answered.
    pub async fn is_open(&mut self) -> bool {
        self.send(&frame(PING, 0, 0, b"are you?")).await;
        loop {
            match self.next().await {
                None => return false,
                Some(frame) if (frame.kind, &frame.payload[..]) == (PING, b"are you?") => return true,
                Some(_) => {}
            }
        }
    }
}
