//! Code fences of Markdown (CommonMark, section 4.5), line by line. Indentation does not count, because fences in lists
//! are indented as deep as their item.

use std::ops::Range;

/// The languages of a fence that a model puts around a whole reply.
const PROSE: [&str; 5] = ["", "markdown", "md", "text", "txt"];

/// A line that opens a code block, or closes one: at least three backticks or tildes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    mark: char,
    length: usize,
    /// No language follows. Only such a line closes.
    is_bare: bool,
    /// It can be around a whole reply that is no code.
    pub is_prose: bool,
    /// It says that it is Markdown.
    is_markdown: bool,
}

impl Fence {
    pub fn of(line: &str) -> Option<Fence> {
        let line = line.trim();
        let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let info = line.trim_start_matches(mark);
        let length = line.len() - info.len();
        // "```x``` is code" is a line of text.
        let inline = mark == '`' && info.contains('`');
        let info = info.trim();
        (length >= 3 && !inline).then(|| Fence {
            mark,
            length,
            is_bare: info.is_empty(),
            is_prose: PROSE.iter().any(|word| word.eq_ignore_ascii_case(info)),
            is_markdown: ["markdown", "md"].iter().any(|word| word.eq_ignore_ascii_case(info)),
        })
    }

    /// The line that closes the block which this one opens.
    pub fn closing(&self) -> String {
        self.mark.to_string().repeat(self.length)
    }

    /// Whether this line closes the block that `open` has opened.
    pub fn closes(&self, open: Fence) -> bool {
        self.mark == open.mark && self.length >= open.length && self.is_bare
    }
}

/// Goes along the lines of a text and knows which of them are code.
#[derive(Default)]
pub(super) struct Fences {
    open: Option<Fence>,
}

impl Fences {
    /// Whether the next line is code, or one of the two lines around it.
    pub fn is_code(&mut self, line: &str) -> bool {
        match (self.open, Fence::of(line)) {
            (None, None) => false,
            (None, Some(fence)) => {
                self.open = Some(fence);
                true
            }
            (Some(open), fence) => {
                if fence.is_some_and(|fence| fence.closes(open)) {
                    self.open = None;
                }
                true
            }
        }
    }
}

/// The fence of the code block that a text leaves open at its end.
pub(super) fn left_open(text: &str) -> Option<Fence> {
    let mut fences = Fences::default();
    for line in text.lines() {
        fences.is_code(line);
    }
    fences.open
}

/// The bytes of a text without a fence that is around the whole of it and says that it is Markdown.
pub(super) fn without_wrapper(text: &str) -> Range<usize> {
    let inner = || {
        let from = text.find('\n')? + 1;
        let to = text.rfind('\n')?;
        let open = Fence::of(text.get(..from)?).filter(|fence| fence.is_markdown)?;
        let closes = |line: &str| Fence::of(line).is_some_and(|fence| fence.closes(open));
        // What closes within an inner block of its own is no end of the wrapper.
        let mut inner = Fences::default();
        let ends_before = text.get(from..to)?.lines().any(|line| {
            let is_open = inner.open.is_some();
            let ends = !is_open && closes(line) && !line.trim().is_empty();
            inner.is_code(line);
            ends
        });
        (closes(text.get(to + 1..)?) && !ends_before && from < to).then_some(from..to)
    };
    inner().unwrap_or(0..text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_closed_by_a_fence_of_its_kind_and_length() {
        let text = "a\n````md\n```\n~~~~\n````x\n`````\nb\n  ~~~\n```\n~~~\n```inline``` c\n``\n```\nopen";
        let mut fences = Fences::default();
        let code: Vec<bool> = text.lines().map(|line| fences.is_code(line)).collect();
        let expected = [
            false, true, true, true, true, true, false, true, true, true, false, false, true, true,
        ];
        assert_eq!(code, expected);
    }
}
