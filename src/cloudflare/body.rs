//! Reading the body of a request or a response, chunk by chunk.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStream, ReadableStreamDefaultReader};

/// A body that is being read; dropping it closes its connection.
pub struct Body {
    reader: ReadableStreamDefaultReader,
    ended: bool,
}

impl Body {
    pub fn of(stream: Option<ReadableStream>) -> Option<Self> {
        let reader = stream?.get_reader().unchecked_into();
        Some(Body { reader, ended: false })
    }

    /// The next chunk; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        let result = JsFuture::from(self.reader.read()).await.inspect_err(|_| self.ended = true)?;
        if Reflect::get(&result, &"done".into())?.is_truthy() {
            self.ended = true;
            return Ok(None);
        }
        Ok(Some(Uint8Array::new(&Reflect::get(&result, &"value".into())?).to_vec()))
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if !self.ended {
            // The promise tells only when the source has taken note; a rejection must not surface as unhandled.
            let cancelled = JsFuture::from(self.reader.cancel());
            wasm_bindgen_futures::spawn_local(async move {
                let _ = cancelled.await;
            });
        }
    }
}
