//! As much of SMPP 3.4 as it takes to accept messages: a bind, `submit_sm`, and what keeps the connection open.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedSender, unbounded_channel},
};

use crate::counts::Counts;

const RESPONSE: u32 = 0x8000_0000;
const BIND_RECEIVER: u32 = 1;
const BIND_TRANSMITTER: u32 = 2;
const SUBMIT_SM: u32 = 4;
const UNBIND: u32 = 6;
const BIND_TRANSCEIVER: u32 = 9;
const ENQUIRE_LINK: u32 = 0x15;
const GENERIC_NACK: u32 = RESPONSE;
const INVALID_COMMAND: u32 = 3;
const LONGEST: u32 = 65_536;

pub async fn serve(listener: TcpListener, delay: Duration, counts: Arc<Counts>) {
    while let Ok((stream, _)) = listener.accept().await {
        counts.connection();
        let counts = counts.clone();
        tokio::spawn(async move {
            // A gateway that closes its connection ends it, as one that sends what is no SMPP does.
            let _ = session(stream, delay, counts).await;
        });
    }
}

async fn session(stream: TcpStream, delay: Duration, counts: Arc<Counts>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (reader, mut writer) = stream.into_split();
    let (answers, mut pending) = unbounded_channel::<Vec<u8>>();
    tokio::spawn(async move {
        while let Some(answer) = pending.recv().await {
            writer.write_all(&answer).await?;
        }
        io::Result::Ok(())
    });
    let mut reader = BufReader::new(reader);
    loop {
        let length = reader.read_u32().await?;
        let (command, _, sequence) = (reader.read_u32().await?, reader.read_u32().await?, reader.read_u32().await?);
        if !(16..=LONGEST).contains(&length) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut body = vec![0; length as usize - 16];
        reader.read_exact(&mut body).await?;
        match command {
            BIND_RECEIVER | BIND_TRANSMITTER | BIND_TRANSCEIVER => {
                answer(&answers, command | RESPONSE, 0, sequence, b"vendor\0");
            }
            SUBMIT_SM => submit(&body, sequence, delay, &counts, answers.clone()),
            ENQUIRE_LINK | UNBIND => answer(&answers, command | RESPONSE, 0, sequence, b""),
            // Answers to what was never asked.
            _ if command & RESPONSE != 0 => {}
            _ => answer(&answers, GENERIC_NACK, INVALID_COMMAND, sequence, b""),
        }
    }
}

/// Accepts a message. Its answer takes its time, and holds up no other.
fn submit(body: &[u8], sequence: u32, delay: Duration, counts: &Arc<Counts>, answers: UnboundedSender<Vec<u8>>) {
    counts.arrived(text(body).unwrap_or_default());
    let counts = counts.clone();
    tokio::spawn(async move {
        let sent = counts.send();
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        sent.answered();
        answer(&answers, SUBMIT_SM | RESPONSE, 0, sequence, format!("{sequence}\0").as_bytes());
    });
}

fn answer(answers: &UnboundedSender<Vec<u8>>, command: u32, status: u32, sequence: u32, body: &[u8]) {
    let length = 16 + u32::try_from(body.len()).unwrap_or_default();
    let mut pdu: Vec<u8> = [length, command, status, sequence].iter().flat_map(|part| part.to_be_bytes()).collect();
    pdu.extend_from_slice(body);
    // The connection may have ended meanwhile.
    let _ = answers.send(pdu);
}

/// The text of a `submit_sm`: behind three strings with two bytes before the second and third, three more bytes, two
/// strings, five bytes, the last of which is its length.
fn text(body: &[u8]) -> Option<&[u8]> {
    let mut rest = body;
    for skipped in [0, 2, 2, 3, 0] {
        let string = rest.get(skipped..)?;
        let end = string.iter().position(|byte| *byte == 0)?;
        rest = &string[end + 1..];
    }
    let length = usize::from(*rest.get(4)?);
    rest.get(5..5 + length)
}
