//! The body of a request or a response, read chunk by chunk.

use std::time::Duration;

use futures::FutureExt;
use futures::future::select;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ReadableStream, ReadableStreamDefaultReader};
use worker::Delay;

/// How long the rest of a body whose end is not needed may take.
const REST: Duration = Duration::from_millis(100);
const REST_CHUNKS_MAX: usize = 8;

#[wasm_bindgen]
extern "C" {
    /// What a reader's `read` resolves to. Read without a string for each name: a long answer comes in thousands of
    /// chunks.
    type ReadResult;

    #[wasm_bindgen(method, getter)]
    fn done(this: &ReadResult) -> bool;

    #[wasm_bindgen(method, getter)]
    fn value(this: &ReadResult) -> Uint8Array;
}

/// A body that is being read; dropping it closes its connection.
pub struct Chunks {
    reader: ReadableStreamDefaultReader,
    ended: bool,
}

impl Chunks {
    pub fn of(stream: Option<ReadableStream>) -> Option<Self> {
        let reader = stream?.get_reader().unchecked_into();
        Some(Chunks { reader, ended: false })
    }

    /// The next chunk; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        let result = JsFuture::from(self.reader.read())
            .await
            .inspect_err(|_| self.ended = true)?;
        let result: ReadResult = result.unchecked_into();
        if result.done() {
            self.ended = true;
            return Ok(None);
        }
        Ok(Some(result.value().to_vec()))
    }

    /// For a body that has said what it had to say, before its end: reads on for a moment, so that its connection can
    /// be used again.
    pub fn finish(mut self) {
        spawn_local(async move {
            let rest = async {
                for _ in 0..REST_CHUNKS_MAX {
                    if !matches!(self.next().await, Ok(Some(_))) {
                        return;
                    }
                }
            };
            select(rest.boxed_local(), Delay::from(REST)).await;
        });
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        if !self.ended {
            // The promise tells only when the source has taken note; a rejection must not surface as unhandled.
            let cancelled = JsFuture::from(self.reader.cancel());
            spawn_local(async move {
                let _ = cancelled.await;
            });
        }
    }
}
