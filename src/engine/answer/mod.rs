//! How an answer is put together of parts: the reader of the editor's script, edits, includes, notes, sections and
//! lengths. Pure functions over texts, and incremental where a text streams. Imports only [`super::words`].
//!
//! The script of an editor is edits first, then the answer, in which a line `@include t2` stands for part `t2`:
//!
//! ```text
//! @edit t2
//! <<<<
//! old text, which stands exactly once in the part as edited so far
//! ====
//! new text
//! >>>>
//! @answer
//! The lead.
//! @include t2
//! ```
//!
//! - [`assemble`]: the whole: [`Assembler`] while the script streams, [`resolve`] for whole scripts.
//! - `script`, `mark`: the incremental reader of a script, and of one line of it.
//! - `edits`: a text that is a list of segments, and edits of it.
//! - `segments`: lists of segments, and [`join`], which is all that a replay needs.
//! - `notes`, `sections`, `length`: what of a part is for the editor, its outline, how long a text is.
//! - `fences`, `chars`: code fences; places in bytes and in characters.

pub mod assemble;
mod fences;
mod length;
mod notes;
mod sections;
pub mod source;

pub use assemble::{Assembler, resolve};
pub use length::prose_words;
pub use notes::split_notes;
pub use sections::{Section, outline, sections};
pub use source::{Assembly, Source, Update};
