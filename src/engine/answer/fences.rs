//! Code fences of Markdown (CommonMark, section 4.5), line by line. Indentation does not count, because fences in lists
//! are indented as deep as their item.

/// A line that opens a code block, or closes one: at least three backticks or tildes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fence<'a> {
    mark: char,
    length: usize,
    /// What follows the marks: the language. A line that closes has none.
    pub info: &'a str,
}

/// An open code block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Open {
    mark: char,
    length: usize,
}

impl<'a> Fence<'a> {
    pub fn of(line: &'a str) -> Option<Fence<'a>> {
        let line = line.trim();
        let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let info = line.trim_start_matches(mark);
        let length = line.len() - info.len();
        // "```x``` is code" is a line of text.
        let inline = mark == '`' && info.contains('`');
        (length >= 3 && !inline).then(|| Fence {
            mark,
            length,
            info: info.trim(),
        })
    }

    pub fn open(&self) -> Open {
        Open {
            mark: self.mark,
            length: self.length,
        }
    }

    pub fn closes(&self, open: Open) -> bool {
        self.mark == open.mark && self.length >= open.length && self.info.is_empty()
    }
}

/// Goes along the lines of a text and knows which of them are code.
#[derive(Default)]
pub(super) struct Fences {
    open: Option<Open>,
}

impl Fences {
    /// Whether the next line is code, or one of the two lines around it.
    pub fn is_code(&mut self, line: &str) -> bool {
        match (self.open, Fence::of(line)) {
            (None, None) => false,
            (None, Some(fence)) => {
                self.open = Some(fence.open());
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
