//! The whole of an assembly.

use super::source::{Assembly, Source, Update};
use crate::engine::words::step_name::StepName;

/// Puts the answer together while the editor's script streams.
#[derive(Debug)]
pub struct Assembler {}

impl Assembler {
    /// `parts` in plan order, without those of failed subtasks. The other arguments name the attempt whose text is the
    /// script.
    pub fn new(_parts: Vec<Source>, _step: StepName, _run: u32, _number: u32) -> Assembler {
        Assembler {}
    }

    /// Takes the next piece of the script, of any size.
    pub fn push(&mut self, _chunk: &str) -> Option<Update> {
        None
    }

    /// The script has ended. Further calls of `push` are without effect.
    pub fn finish(&mut self) -> (Option<Update>, Assembly) {
        (None, Assembly::default())
    }
}

/// The assembly of whole scripts: the first is that of `edit/1`, the second that of `edit/2`, if there is one.
pub fn resolve(_parts: &[Source], _scripts: &[Source]) -> Assembly {
    Assembly::default()
}
