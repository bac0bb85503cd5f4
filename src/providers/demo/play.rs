//! Plays a script of the demo: sleeps before each piece of text and reports it.

use super::{End, Speed, script};
use crate::clock::Clock;
use crate::model::{ModelError, ModelReply, ModelRequest, Progress};

/// Sleeps and reports as the script says, and ends as it says.
pub async fn play(
    request: &ModelRequest,
    speed: Speed,
    clock: &dyn Clock,
    progress: &dyn Progress,
) -> Result<ModelReply, ModelError> {
    let script = script(request, speed);
    progress.call_started(true);
    for piece in script.pieces {
        pause(clock, piece.after_ms).await;
        progress.delta(&piece.text);
    }
    pause(clock, script.end_after_ms).await;
    match script.end {
        End::Reply(reply) => Ok(reply),
        End::Error(error) => Err(error),
        End::Hang => futures::future::pending().await,
    }
}

/// At speed 0 nothing is slept at all: a timer of no length would still cost a turn of the event loop.
async fn pause(clock: &dyn Clock, ms: u64) {
    if ms > 0 {
        clock.sleep(ms).await;
    }
}
