//! A body that may be large: written in pieces, each of which leaves the WebAssembly's memory at once.
//!
//! A status with every text is twice as long as its journal, and a buffer that grows by doubling needs three times its
//! length for a moment. The WebAssembly's memory never shrinks, so that moment would be paid for until the isolate
//! ends. The body still lies in the isolate's memory, outside of the WebAssembly's, until the client has it. All
//! objects of the isolate share both.

use js_sys::{Array, Uint8Array};
use web_sys::Blob;
use worker::{Response, ResponseBody, ResponseBuilder, Result};

use crate::json::writer::Sink;

/// Shorter bodies are one piece.
const PIECE_BYTES: usize = 256 * 1024;

#[derive(Default)]
pub struct LargeBody {
    /// What has left already.
    pieces: Array,
    rest: Vec<u8>,
}

impl LargeBody {
    pub fn into_response(mut self, builder: ResponseBuilder) -> Result<Response> {
        if self.pieces.length() == 0 {
            return Ok(builder.body(ResponseBody::Body(self.rest)));
        }
        self.pass_on();
        let pieces = Blob::new_with_u8_array_sequence(&self.pieces)?;
        Ok(builder.body(ResponseBody::Stream(pieces.stream())))
    }

    fn pass_on(&mut self) {
        self.pieces.push(&Uint8Array::from(self.rest.as_slice()));
        self.rest.clear();
    }
}

impl Sink for LargeBody {
    fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = PIECE_BYTES.saturating_sub(self.rest.len()).max(1);
            let (taken, left) = bytes.split_at(bytes.len().min(room));
            self.rest.extend_from_slice(taken);
            if self.rest.len() >= PIECE_BYTES {
                self.pass_on();
            }
            bytes = left;
        }
    }
}
