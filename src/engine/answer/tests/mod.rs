//! The assembly as a whole: what a script gives, streamed in pieces of every size and whole.

mod edits;
mod hostile;
mod includes;
mod live;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
mod review;
mod script;

use super::{Assembler, Assembly, Source, Update, join, resolve};
use crate::engine::words::answer::{EditState, ProblemKind};
use crate::engine::words::step_name::StepName;

fn part(id: &str, text: &str) -> Source {
    Source {
        step: StepName::Subtask(id.into()),
        run: 1,
        number: 1,
        id: id.into(),
        text: text.into(),
    }
}

/// The script of the editor's call, or of the one that repairs it.
fn script(number: u32, text: &str) -> Source {
    Source {
        step: StepName::Reduce(number),
        run: 1,
        number: 1,
        id: String::new(),
        text: text.into(),
    }
}

fn parts() -> Vec<Source> {
    vec![
        part("t1", "## One\n\nfirst text\n\nNote: for the editor"),
        part("t2", "## Two\n\nsecond text, second line\n"),
        part("t3", "\n## Three\n\nthird text"),
    ]
}

fn text(sources: &[&[Source]], assembly: &Assembly) -> String {
    join(&assembly.segments, |step, run, number| {
        let is_it = |source: &&Source| source.step == *step && source.run == run && source.number == number;
        sources
            .iter()
            .copied()
            .flatten()
            .find(is_it)
            .map(|source| &*source.text)
    })
}

/// What a reader sees who applies each update.
#[derive(Default)]
struct Shown {
    text: String,
    chars: usize,
}

impl Shown {
    fn apply(&mut self, update: Option<Update>) {
        let Some(update) = update else { return };
        assert!(update.from <= self.chars, "a gap: {} after {}", update.from, self.chars);
        if update.from < self.chars {
            let cut = self.text.char_indices().nth(update.from);
            self.text.truncate(cut.map_or(0, |(end, _)| end));
        }
        self.text.push_str(&update.text);
        self.chars = update.from + update.text.chars().count();
        assert!(update.settled <= self.chars, "{} of {}", update.settled, self.chars);
    }
}

fn streamed<'a>(parts: &[Source], chunks: impl Iterator<Item = &'a str>) -> (String, Assembly) {
    let mut assembler = Assembler::new(parts.to_vec(), StepName::Reduce(1), 1, 1);
    let mut shown = Shown::default();
    for chunk in chunks {
        shown.apply(assembler.push(chunk));
    }
    let (update, assembly) = assembler.finish();
    shown.apply(update);
    (shown.text, assembly)
}

/// Pieces of so many characters.
fn pieces(text: &str, chars: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.char_indices().nth(chars).map_or(rest.len(), |(end, _)| end);
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// The answer of a script, which is the same however it streams.
fn assembled(parts: &[Source], text_of_script: &str) -> (String, Assembly) {
    let scripts = [script(1, text_of_script)];
    let whole = resolve(parts, &scripts);
    let answer = text(&[parts, &scripts], &whole);
    for chars in [1, 2, 3, 7, 40, usize::MAX] {
        let (shown, streamed) = streamed(parts, pieces(text_of_script, chars));
        assert_eq!(shown, answer, "in pieces of {chars}");
        assert_eq!(streamed, whole, "in pieces of {chars}");
    }
    (answer, whole)
}

fn answer(text_of_script: &str) -> String {
    assembled(&parts(), text_of_script).0
}

/// Kinds and ids, in short.
fn problems(assembly: &Assembly) -> Vec<(ProblemKind, &str)> {
    let short = |problem: &'_ crate::engine::words::answer::AssemblyProblem| problem.kind;
    (assembly.problems.iter())
        .map(|problem| (short(problem), problem.id.as_deref().unwrap_or_default()))
        .collect()
}

/// The part of each edit and why it failed; empty where it applied.
fn results(assembly: &Assembly) -> Vec<(String, &str)> {
    let results = assembly.edits.iter().map(|edit| {
        assert_eq!(edit.state == EditState::Failed, edit.reason.is_some());
        (edit.step.to_string(), edit.reason.as_deref().unwrap_or_default())
    });
    results.collect()
}
