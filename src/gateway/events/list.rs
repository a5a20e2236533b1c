//! ListEvents: a page of the log.

use super::{
    Gateway, describe,
    filter::{Filter, Start},
    reader::Reader,
};
use crate::{
    api::pb::{ListEventsRequest, ListEventsResponse},
    call::Call,
    error::Error,
    request::{check::Check, page},
};

impl Gateway {
    pub(crate) async fn list_events(
        &self,
        call: &Call,
        request: ListEventsRequest,
    ) -> Result<ListEventsResponse, Error> {
        let ListEventsRequest { parent, types, page_size, resume_token, start_time, shard } = request;
        let mut check = Check::new();
        let filter = Filter::new(&mut check, &parent, &types, shard);
        let limit = page::size(&mut check, page_size);
        let begin = filter.start(&mut check, &resume_token, start_time, Start::Oldest);
        check.done()?;
        let mut reader = Reader::new(self, call, filter, begin).await?;
        let previous_sequence = reader.place;
        let events = reader.read(limit).await?.iter().map(|event| describe(event)).collect::<Result<_, _>>()?;
        let (sequence, behind) = (reader.place, reader.behind());
        Ok(ListEventsResponse { events, resume_token: reader.token(sequence), previous_sequence, sequence, behind })
    }
}
