//! The event stream of one subscriber as server-sent events. [`crate::runner::stream`] decides what comes and when it
//! ends.

use futures::stream::{self, Stream, StreamExt};

use super::host::ObjectHost;
use crate::api::query::EventsQuery;
use crate::api::sse::{self, KEEP_ALIVE_MS, RETRY};
use crate::runner::stream::Item;
use crate::runner::{Runner, SubmitError};

type Chunk = worker::Result<Vec<u8>>;

/// None where nothing will follow.
pub fn stream(
    runner: &Runner<ObjectHost>,
    query: EventsQuery,
) -> Result<Option<impl Stream<Item = Chunk> + 'static>, SubmitError> {
    let Some(events) = runner.stream(&query.after, query.types, KEEP_ALIVE_MS)? else {
        return Ok(None);
    };
    let opening = stream::iter([Ok(RETRY.as_bytes().to_vec())]);
    let rest = stream::unfold(events, |mut events| async {
        let text = match events.next().await? {
            Item::KeepAlive => sse::KEEP_ALIVE.to_owned(),
            Item::Update(update) => sse::frames(&update, &events.life),
        };
        Some((Ok(text.into_bytes()), events))
    });
    Ok(Some(opening.chain(rest)))
}
