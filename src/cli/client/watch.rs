//! `smsmux watch`: events as they happen, through restarts of the server, and with a subscription through those of the reader.

use clap::Args;
use futures::FutureExt as _;
use smsmux::api::pb::{AckEventsRequest, WatchEventsRequest, WatchEventsResponse, watch_events_response::Item};
use tokio::time::sleep;
use tonic::Streaming;

use super::{
    ConnectionArguments, Failure, Session, call::Kind, error::CallError, events::SelectionArguments, subscriptions,
};
use crate::cli::{
    Signals,
    arguments::{Output, timestamp},
    events::{Described, described},
    json, print, table,
};

/// The most events that are printed without an acknowledgement.
const UNACKNOWLEDGED: u32 = 100;

#[derive(Debug, Args)]
pub(in crate::cli) struct WatchArguments {
    /// The subscription in which the server keeps the place: its id, or accounts/ACCOUNT/eventSubscriptions/ID
    ///
    /// It is created if it does not exist, with --account, --type, and --from or --resume-token to begin at. Of one that exists,
    /// --resume-token acknowledges the events up to there.
    #[arg(long, value_name = "NAME")]
    subscription: Option<String>,
    #[command(flatten)]
    selection: SelectionArguments,
    /// The number of events after which to end [default: never]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    #[command(flatten)]
    connection: ConnectionArguments,
}

pub(super) async fn run(arguments: WatchArguments) -> Result<(), Failure> {
    let WatchArguments { subscription, selection, count, connection } = arguments;
    let session = connection.open()?;
    let mut signals = Signals::new()?;
    let mut watch = match subscription {
        None => {
            let request = WatchEventsRequest {
                types: selection.types(),
                parent: selection.account,
                resume_token: selection.resume_token,
                start_time: selection.from.map(timestamp),
                ..WatchEventsRequest::default()
            };
            Watch::new(session, request, count)
        }
        Some(name) => {
            let subscription = tokio::select! {
                opened = subscriptions::open(&session, &selection, &name) => opened?,
                () = signals.next() => return Ok(()),
            };
            let mut watch =
                Watch::new(session, WatchEventsRequest { subscription, ..WatchEventsRequest::default() }, count);
            watch.printed = Some(selection.resume_token).filter(|token| !token.is_empty());
            watch
        }
    };
    let ended = tokio::select! {
        ended = watch.follow() => ended,
        () = signals.next() => {
            if watch.session.output == Output::Table && !watch.request.resume_token.is_empty() {
                print::error(format_args!("\nsmsmux: --resume-token {} goes on from here\n", watch.request.resume_token));
            }
            Ok(())
        }
    };
    if matches!(ended, Err(Failure::Call(_))) {
        return ended;
    }
    tokio::select! {
        acknowledged = watch.acknowledge() => ended.and(acknowledged.map_err(Failure::from)),
        () = signals.next() => ended,
    }
}

struct Watch {
    session: Session,
    /// Its token is that of the last answer, unless a subscription has the place.
    request: WatchEventsRequest,
    /// How many events are still to be shown.
    left: Option<u64>,
    has_heading: bool,
    /// The token of the last answer of a subscription, until it is acknowledged.
    printed: Option<String>,
    /// How many events were printed since the last acknowledgement.
    unacknowledged: u32,
}

impl Watch {
    fn new(session: Session, request: WatchEventsRequest, left: Option<u64>) -> Self {
        Self { session, request, left, has_heading: false, printed: None, unacknowledged: 0 }
    }

    /// Shows events, and comes back to its place when the stream has ended.
    async fn follow(&mut self) -> Result<(), Failure> {
        let (mut attempt, mut has_answered) = (1, false);
        loop {
            let error = match self.open().await {
                Ok(mut stream) => loop {
                    match self.next(&mut stream).await {
                        Ok(Some(answer)) => {
                            (attempt, has_answered) = (1, true);
                            if self.take(answer)? {
                                return Ok(());
                            }
                        }
                        Ok(None) => break None,
                        Err(error) => break Some(error),
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

    /// Opens the stream, after what was printed.
    async fn open(&mut self) -> Result<Streaming<WatchEventsResponse>, CallError> {
        self.acknowledge().await?;
        let client = &self.session.client;
        client.stream(self.request.clone(), async |request| client.events().watch_events(request).await).await
    }

    /// Returns the next answer. What was printed is acknowledged first, when nothing further has arrived or much was printed.
    async fn next(
        &mut self,
        stream: &mut Streaming<WatchEventsResponse>,
    ) -> Result<Option<WatchEventsResponse>, CallError> {
        let failed = |status| CallError::new(&status, false, None);
        if self.unacknowledged < UNACKNOWLEDGED
            && let Some(next) = stream.message().now_or_never()
        {
            return next.map_err(failed);
        }
        self.acknowledge().await?;
        stream.message().await.map_err(failed)
    }

    /// Acknowledges what was printed.
    async fn acknowledge(&mut self) -> Result<(), CallError> {
        let Some(resume_token) = self.printed.clone() else { return Ok(()) };
        let client = &self.session.client;
        let request = AckEventsRequest { name: self.request.subscription.clone(), resume_token };
        // A place never goes back, so that a repeated acknowledgement changes nothing.
        client.call(Kind::Read, &request, async |request| client.events().ack_events(request).await).await?;
        (self.printed, self.unacknowledged) = (None, 0);
        Ok(())
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
        let is_event = matches!(answer.item, Some(Item::Event(_)));
        if let Some(left) = self.left.as_mut().filter(|_| is_event) {
            *left -= 1;
        }
        if self.request.subscription.is_empty() {
            self.request.resume_token = answer.resume_token;
        } else {
            self.printed = Some(answer.resume_token);
            self.unacknowledged += u32::from(is_event);
        }
        Ok(self.left == Some(0))
    }
}
