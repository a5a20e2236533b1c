//! `smsmux watch`: events as they happen, through restarts of the server.

use clap::Args;
use smsmux::api::pb::{WatchEventsRequest, WatchEventsResponse, watch_events_response::Item};
use tokio::time::sleep;
use tonic::Streaming;

use super::{ConnectionArguments, Failure, Session, error::CallError, events::SelectionArguments};
use crate::cli::{
    Signals,
    arguments::{Output, timestamp},
    events::{Described, described},
    json, print, table,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct WatchArguments {
    #[command(flatten)]
    selection: SelectionArguments,
    /// The number of events after which to end [default: never]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    #[command(flatten)]
    connection: ConnectionArguments,
}

pub(super) async fn run(arguments: WatchArguments) -> Result<(), Failure> {
    let WatchArguments { selection, count, connection } = arguments;
    let mut watch = Watch {
        session: connection.open()?,
        request: WatchEventsRequest {
            types: selection.types(),
            parent: selection.account,
            resume_token: selection.resume_token,
            start_time: selection.from.map(timestamp),
            ..WatchEventsRequest::default()
        },
        left: count,
        has_heading: false,
    };
    let mut signals = Signals::new()?;
    tokio::select! {
        ended = watch.follow() => ended,
        () = signals.next() => {
            if watch.session.output == Output::Table && !watch.request.resume_token.is_empty() {
                print::error(format_args!("\nsmsmux: --resume-token {} goes on from here\n", watch.request.resume_token));
            }
            Ok(())
        }
    }
}

struct Watch {
    session: Session,
    /// Its token is that of the last answer.
    request: WatchEventsRequest,
    /// How many events are still to be shown.
    left: Option<u64>,
    has_heading: bool,
}

impl Watch {
    /// Shows events, and comes back by the last token when the stream has ended.
    async fn follow(&mut self) -> Result<(), Failure> {
        let (mut attempt, mut has_answered) = (1, false);
        loop {
            let error = match self.open().await {
                Ok(mut stream) => loop {
                    match stream.message().await {
                        Ok(Some(answer)) => {
                            (attempt, has_answered) = (1, true);
                            if self.take(answer)? {
                                return Ok(());
                            }
                        }
                        Ok(None) => break None,
                        Err(status) => break Some(CallError::new(&status, false, None)),
                    }
                },
                Err(error) => Some(error),
            };
            let Some(error) = error else { continue };
            if !error.may_repeat() || error.is_unreachable() && !has_answered {
                return Err(error.into());
            }
            if attempt == 1 {
                print::error(format_args!("smsmux: {}{}; coming back\n", error.title(), error.message));
            }
            sleep(error.pause(attempt)).await;
            attempt += 1;
        }
    }

    async fn open(&self) -> Result<Streaming<WatchEventsResponse>, CallError> {
        let client = &self.session.client;
        client.stream(self.request.clone(), async |request| client.events().watch_events(request).await).await
    }

    /// Shows what an answer has; returns true after the last one.
    fn take(&mut self, answer: WatchEventsResponse) -> Result<bool, Failure> {
        let Session { output, json: types, .. } = &self.session;
        match (&answer.item, output) {
            (Some(Item::Event(_)), Output::Json) => json::print(&types.message("WatchEventsResponse", &answer)?)?,
            (Some(Item::Event(event)), Output::Table) => {
                print::out(format_args!("{:<20}  {}\n", table::time(event.receive_time), described(event)))?;
            }
            // The first answer: from now on nothing is missed.
            (Some(Item::Progress(_)), Output::Table) if !self.has_heading => {
                print::out(format_args!("{:<20}  {}\n", "time", Described::HEADING))?;
                self.has_heading = true;
            }
            _ => {}
        }
        if matches!(answer.item, Some(Item::Event(_)))
            && let Some(left) = &mut self.left
        {
            *left -= 1;
        }
        self.request.resume_token = answer.resume_token;
        Ok(self.left == Some(0))
    }
}
