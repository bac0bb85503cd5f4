//! The whole of an assembly: [`Assembler`] while the script streams, [`resolve`] for whole scripts. Both give the same.

use super::blocks::Blocks;
use super::live::Live;
use super::part::Attempt;
use super::segments::common_chars;
use super::source::{Assembly, Source, Update};
use crate::engine::words::answer::Segment;
use crate::engine::words::step_name::StepName;

/// Puts the answer together while the editor's script streams.
///
/// Nothing is shown before `@answer` or the first include, except that a script of some length without any mark is
/// shown as it is, unsettled. A line that may become a mark is held back until it is decided.
#[derive(Debug)]
pub struct Assembler {
    blocks: Blocks,
    live: Live,
    /// The end of the script, once it was reached.
    end: Option<Assembly>,
}

impl Assembler {
    /// `parts` in plan order, without those of failed subtasks. The other arguments name the attempt whose text is the
    /// script.
    pub fn new(parts: Vec<Source>, step: StepName, run: u32, number: u32) -> Assembler {
        Assembler {
            blocks: Blocks::new(parts, Attempt { step, run, number }),
            live: Live::new(),
            end: None,
        }
    }

    /// Takes the next piece of the script, of any size. None where the reader's text stays as it is.
    pub fn push(&mut self, chunk: &str) -> Option<Update> {
        if self.end.is_some() {
            return None;
        }
        self.blocks.push(chunk);
        self.live.update(&mut self.blocks, false)
    }

    /// The script has ended. The updates together are then the text of the assembly's segments. What an edit of a part
    /// that has failed may still change is not settled. Further calls of `push` are without effect.
    pub fn finish(&mut self) -> (Option<Update>, Assembly) {
        if let Some(end) = &self.end {
            return (None, end.clone());
        }
        self.blocks.finish();
        let update = self.live.update(&mut self.blocks, true);
        let assembly = self.blocks.assembly();
        self.end = Some(assembly.clone());
        (update, assembly)
    }

    /// The last update, after `finish`, once the assembly is decided: `segments` is its list and `text` their text,
    /// with the repaired edits or without. All of it is settled.
    pub fn conclude(&self, segments: &[Segment], text: &str) -> Update {
        let shown = self.end.as_ref().map_or(&[][..], |end| &end.segments);
        let from = common_chars(shown, segments);
        Update {
            from,
            text: text.chars().skip(from).collect(),
            settled: text.chars().count(),
        }
    }
}

/// The assembly of whole scripts. The first is that of `edit/1`. Those after it (`edit/2`) hold edits that repair what
/// failed, and nothing else of them counts. A failed edit stays in the list, unless a later script edits its part.
pub fn resolve(parts: &[Source], scripts: &[Source]) -> Assembly {
    let Some((first, repairs)) = scripts.split_first() else {
        return Assembly::default();
    };
    let attempt = Attempt {
        step: first.step.clone(),
        run: first.run,
        number: first.number,
    };
    let mut blocks = Blocks::new(parts.to_vec(), attempt);
    blocks.push(&first.text);
    blocks.finish();
    for script in repairs {
        blocks.repair(script);
    }
    blocks.assembly()
}
