//! The event stream of one subscriber as server-sent events. [`crate::runner::stream`] decides what comes and when it
//! ends.

use futures::stream::{self, Stream, StreamExt};

use super::host::ObjectHost;
use crate::api::query::EventsQuery;
use crate::api::sse::{self, KEEP_ALIVE_MS, RETRY};
use crate::runner::stream::{EventStream, Item};
use crate::runner::{Runner, SubmitError};

type Chunk = worker::Result<Vec<u8>>;

/// None where nothing will follow: the workflow has ended and the client has seen it.
pub fn stream(
    runner: &Runner<ObjectHost>,
    query: EventsQuery,
) -> Result<Option<impl Stream<Item = Chunk> + 'static>, SubmitError> {
    let Some(events) = runner.stream(&query.after, KEEP_ALIVE_MS)? else {
        return Ok(None);
    };
    let opening = stream::iter([Ok(RETRY.as_bytes().to_vec())]);
    let rest = stream::unfold((events, query), |(mut events, query)| async {
        let text = frames(&mut events, &query).await?;
        Some((Ok(text.into_bytes()), (events, query)))
    });
    Ok(Some(opening.chain(rest)))
}

/// The next frames that the client wants. None at the end.
async fn frames(events: &mut EventStream<ObjectHost>, query: &EventsQuery) -> Option<String> {
    loop {
        let text = match events.next().await? {
            Item::KeepAlive => sse::KEEP_ALIVE.to_owned(),
            Item::Update(update) => sse::frames(&update, &events.life, query),
        };
        if !text.is_empty() {
            return Some(text);
        }
    }
}
