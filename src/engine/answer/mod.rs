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
//! new text, or none to delete
//! >>>>
//! @insert t2
//! <<<<
//! anchor, which stands exactly once
//! ====
//! text that comes after it
//! >>>>
//! @section t2.3
//! <<<<
//! new text of the whole section, or none to delete
//! >>>>
//! @answer
//! The lead.
//! @include t2
//! ```
//!
//! A part stands in the answer once, without its notes, with a blank line before and after it. A mark within a code
//! block of the answer is text. Whatever the script is, there is an answer, and [`Assembly::problems`] and
//! [`Assembly::edits`] say what is wrong with it. Its size and the time it takes are bounded.
//!
//! - [`assemble`]: the whole: [`Assembler`] while the script streams, [`resolve`] for whole scripts.
//! - [`source`]: what goes in and what comes out.
//! - `script`, `edit_lines`, `mark`: the incremental readers of a script, an edit, a line; `item`: what they give.
//! - `blocks`, `part`, `live`: the blocks of the answer; one part; what of them the reader has seen.
//! - `review`: [`review()`], the same marks in a reviewer's reply about a whole answer.
//! - `edits`: a text that is a list of segments, and edits of it.
//! - `segments`: [`join`], which is all that a replay needs.
//! - `notes`, `sections`, `length`: what of a part is for the editor, its outline, how long a text is.
//! - `fences`, `chars`: code fences; places in bytes and in characters.

pub mod assemble;
mod blocks;
mod chars;
mod edit_lines;
mod edits;
mod fences;
mod item;
mod length;
mod live;
mod mark;
mod notes;
mod part;
mod review;
mod script;
mod sections;
mod segments;
pub mod source;
#[cfg(test)]
mod tests;

pub use assemble::{Assembler, resolve};
pub use length::prose_words;
pub use notes::split_notes;
pub use review::{REWRITE_WORDS_MAX, ReviewTerms, Reviewed, Unreadable, review};
pub use sections::{Section, outline, sections};
pub use segments::join;
pub use source::{Assembly, Source, Update};
