//! Reads the bodies of responses: a reply piece by piece, any other text up to a bound.

use std::cell::Cell;

use crate::model::{ModelError, ModelReply, Progress};
use crate::providers::transport::{Response, Thrown};
use crate::providers::wire::{Piece, ReplyReader};

/// What was asked for, as far as it tells how the reply is to be read.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub max_tokens: u32,
    /// A schema was sent.
    pub structured: bool,
    /// The stream has one JSON value a line.
    pub lines: bool,
}

/// Reads a reply of status 200 and reports its text as it comes. Sets `given` once there was some, also where the
/// reply then fails. The message of an error is not redacted yet.
pub(super) async fn read_reply<R: Response>(
    mut response: R,
    wanted: Wanted,
    progress: &dyn Progress,
    given: &Cell<bool>,
    thrown: impl Fn(Thrown) -> ModelError,
) -> Result<ModelReply, ModelError> {
    let content_type = response.header("content-type");
    let mut reader = ReplyReader::new(content_type.as_deref())
        .with_max_tokens(wanted.max_tokens)
        .with_structure(wanted.structured)
        .with_lines(wanted.lines);
    // An error leaves the loop and drops the response, which aborts what is left of it.
    while !reader.is_done()
        && let Some(bytes) = response.chunk().await.map_err(|error| reader.charge(thrown(error)))?
    {
        for piece in reader.feed(&bytes)? {
            match piece {
                Piece::Text(text) => {
                    given.set(true);
                    progress.delta(&text);
                }
                Piece::Alive => progress.alive(),
            }
        }
    }
    response.release();
    reader.finish()
}

/// The text of a body, at most so many bytes of it. A body that breaks off gives what came of it.
pub(super) async fn text_up_to<R: Response>(response: &mut R, bytes_max: usize) -> String {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend(chunk);
        if bytes.len() > bytes_max {
            bytes.truncate(bytes_max);
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
