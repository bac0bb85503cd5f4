//! What a script consists of.

use std::ops::Range;

use super::mark::{Head, Target};

/// All ranges are bytes of the script.
#[derive(Debug)]
pub(super) enum Item {
    /// Text between marks. It begins at the beginning of a line, or goes on where the text before it ended.
    Text(Range<usize>),
    Answer,
    Include(Vec<Target>),
    Edit(Edit),
    /// The script ends with half a mark.
    Unfinished,
}

#[derive(Debug)]
pub(super) struct Edit {
    pub head: Head,
    pub body: Result<Body, Malformed>,
}

/// Without the line breaks at the marks. An edit of a section has no old text.
#[derive(Debug)]
pub(super) struct Body {
    pub old: Range<usize>,
    pub new: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    /// No `<<<<` after the first line.
    NoBlock,
    /// No `====` before `>>>>`.
    NoSeparator,
    /// No `>>>>` before the next mark.
    Unclosed,
    /// The script ends within it.
    CutOff,
}
