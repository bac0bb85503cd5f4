//! The `demo` provider: plays the script that `model::demo` writes, in its time.

use std::time::Duration;

use crate::model::{ModelError, ModelReply, ModelRequest, Progress};
use crate::providers::demo::{End, Speed, script};

pub async fn complete(request: &ModelRequest, speed: f64, progress: &dyn Progress) -> Result<ModelReply, ModelError> {
    let script = script(request, Speed::new(speed));
    progress.call_started(true);
    for piece in script.pieces {
        pause(piece.after_ms).await;
        progress.delta(&piece.text);
    }
    pause(script.end_after_ms).await;
    match script.end {
        End::Reply(reply) => Ok(reply),
        End::Error(error) => Err(error),
        End::Hang => futures::future::pending().await,
    }
}

async fn pause(ms: u64) {
    if ms > 0 {
        worker::Delay::from(Duration::from_millis(ms)).await;
    }
}
