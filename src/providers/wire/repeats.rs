//! Texts that a server sends more than once.
//!
//! - A choice with `message` instead of `delta` holds the text so far, or, at the end of a stream of deltas, all of it.
//!   Such chunks are taken for repetitions as long as each begins with the one before. The first that does not shows
//!   that they were pieces, and all of them are joined.
//! - Deltas (and `response`, `text`) are pieces. They are taken for repetitions on evidence only, because a text may
//!   well go on as it began ("ha", "haha"): three chunks in a row that each begin with all of the one before, and
//!   [`EVIDENCE_CHARS`] characters in the end. A single last delta that repeats the whole text is left out if it comes
//!   with the finish reason and has [`REPEATED_CHARS`] characters or more. If the reason comes after it, both are kept
//!   and the reply ends in doubt.
//! - What contradicts its own evidence is [`Chunk::Odd`]: the longer text is kept, and the reply ends in doubt.

/// From so many characters on, chunks that grow are repetitions.
const EVIDENCE_CHARS: usize = 12;
/// Chunks that each begin with the one before, after the first.
const EVIDENCE_STEPS: u32 = 2;
/// From so many characters on, a last delta that is the whole text is its repetition.
const REPEATED_CHARS: usize = 24;
/// A longer chunk is no beginning of a stream that repeats itself.
const LAST_BYTES_MAX: usize = 64 * 1024;

/// What a chunk is for the text so far.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// The next piece.
    Next(String),
    /// The whole text, instead of what there is.
    Instead(String),
    /// Nothing new.
    Known,
    /// A text that contradicts what came before.
    Odd(String),
}

#[derive(Debug, Default)]
pub(super) struct Repeats {
    pieces: Pieces,
    piece_count: u32,
    wholes: Wholes,
}

#[derive(Debug, Default)]
enum Pieces {
    #[default]
    None,
    /// Each piece so far began with the one before.
    Growing {
        last: String,
        steps: u32,
    },
    /// Enough of them did.
    Repeated {
        last: String,
    },
    Apart,
}

#[derive(Debug, Default)]
enum Wholes {
    #[default]
    None,
    Repeated {
        last: String,
        /// All of them one after the other, as long as they may still be pieces.
        joined: Option<String>,
        steps: u32,
    },
    Apart,
}

impl Repeats {
    /// A piece by its field's name. `so_far`: the text that is there. `is_end`: it comes with the finish reason.
    pub(super) fn piece(&mut self, piece: String, so_far: &str, is_end: bool) -> Chunk {
        self.piece_count += 1;
        match std::mem::take(&mut self.pieces) {
            Pieces::None if piece.len() <= LAST_BYTES_MAX => {
                self.pieces = Pieces::Growing {
                    last: piece.clone(),
                    steps: 0,
                };
                Chunk::Next(piece)
            }
            Pieces::Growing { last, steps } if goes_on(&piece, &last, steps) => {
                if steps + 1 >= EVIDENCE_STEPS && has_chars(&piece, EVIDENCE_CHARS) {
                    self.pieces = Pieces::Repeated { last: piece.clone() };
                    return Chunk::Instead(piece);
                }
                self.pieces = Pieces::Growing {
                    last: piece.clone(),
                    steps: steps + 1,
                };
                Chunk::Next(piece)
            }
            Pieces::Repeated { last } => {
                let is_repeated = piece.starts_with(&last);
                self.pieces = Pieces::Repeated {
                    last: if is_repeated { piece.clone() } else { last },
                };
                if is_repeated {
                    Chunk::Instead(piece)
                } else {
                    Chunk::Odd(piece)
                }
            }
            Pieces::None | Pieces::Growing { .. } | Pieces::Apart => {
                self.pieces = Pieces::Apart;
                let is_repeated = is_end && self.piece_count > 2 && has_chars(&piece, REPEATED_CHARS);
                match is_repeated {
                    true if piece == so_far => Chunk::Known,
                    true if is_nearly(&piece, so_far) => Chunk::Odd(piece),
                    _ => Chunk::Next(piece),
                }
            }
        }
    }

    /// A text that claims to be whole.
    pub(super) fn whole(&mut self, whole: String) -> Chunk {
        match std::mem::take(&mut self.wholes) {
            Wholes::None => {
                self.wholes = Wholes::Repeated {
                    last: whole.clone(),
                    joined: Some(whole.clone()),
                    steps: 0,
                };
                Chunk::Instead(whole)
            }
            Wholes::Repeated { last, joined, steps } if whole.starts_with(&last) => {
                let steps = steps + u32::from(whole.len() > last.len());
                self.wholes = Wholes::Repeated {
                    last: whole.clone(),
                    joined: joined.filter(|_| steps < EVIDENCE_STEPS).map(|joined| joined + &whole),
                    steps,
                };
                Chunk::Instead(whole)
            }
            Wholes::Repeated {
                last,
                joined: Some(joined),
                steps: 0,
            } if !is_like(&whole, &last) => {
                self.wholes = Wholes::Apart;
                Chunk::Instead(joined + &whole)
            }
            Wholes::Repeated { steps, .. } => {
                self.wholes = Wholes::Repeated {
                    last: whole.clone(),
                    joined: None,
                    steps,
                };
                Chunk::Odd(whole)
            }
            Wholes::Apart => {
                self.wholes = Wholes::Apart;
                Chunk::Next(whole)
            }
        }
    }

    pub(super) fn has_pieces(&self) -> bool {
        self.piece_count > 0
    }
}

/// A repetition that adds nothing counts only after one that did.
fn goes_on(piece: &str, last: &str, steps: u32) -> bool {
    piece.starts_with(last) && (piece.len() > last.len() || steps > 0)
}

/// Whether a text begins with most of another, so that it is rather its repetition than the next piece.
fn is_like(text: &str, other: &str) -> bool {
    let same = text
        .chars()
        .zip(other.chars())
        .take_while(|(one, two)| one == two)
        .count();
    same > 0 && same * 2 >= other.chars().count()
}

/// Whether two texts differ in one short place.
fn is_nearly(text: &str, other: &str) -> bool {
    same_at_both_ends(text, other) + EVIDENCE_CHARS >= text.chars().count().max(other.chars().count())
}

/// The characters that two texts share at their beginnings and at their ends.
fn same_at_both_ends(text: &str, other: &str) -> usize {
    let head = text.chars().zip(other.chars()).take_while(|(one, two)| one == two);
    let tail = text
        .chars()
        .rev()
        .zip(other.chars().rev())
        .take_while(|(one, two)| one == two);
    head.count() + tail.count()
}

/// A last message after a stream of pieces, both without their reasoning. It is right where the stream only lacks a
/// part of it, because an event was lost. White space does not count.
pub(super) fn last_message(message: String, so_far: &str) -> Chunk {
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let (whole, streamed) = (bare(&message), bare(so_far));
    if whole.is_empty() || whole == streamed {
        Chunk::Known
    } else if same_at_both_ends(&whole, &streamed) >= streamed.chars().count() {
        Chunk::Instead(message)
    } else {
        Chunk::Odd(message)
    }
}

/// Whether a piece that is the text before it is rather its repetition than a refrain.
pub(super) fn is_long_enough_to_repeat(piece: &str) -> bool {
    has_chars(piece, REPEATED_CHARS)
}

fn has_chars(text: &str, count: usize) -> bool {
    text.chars().nth(count.saturating_sub(1)).is_some()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn apply(chunk: Chunk, text: &mut String) -> bool {
        match chunk {
            Chunk::Next(piece) => text.push_str(&piece),
            Chunk::Instead(whole) => *text = whole,
            Chunk::Known => {}
            Chunk::Odd(_) => return false,
        }
        true
    }

    fn pieces(pieces: &[&str]) -> Option<String> {
        let (mut repeats, mut text) = (Repeats::default(), String::new());
        for (number, piece) in pieces.iter().enumerate() {
            let chunk = repeats.piece((*piece).to_owned(), &text, number + 1 == pieces.len());
            if !apply(chunk, &mut text) {
                return None;
            }
        }
        Some(text)
    }

    fn wholes(wholes: &[&str]) -> Option<String> {
        let (mut repeats, mut text) = (Repeats::default(), String::new());
        for whole in wholes {
            if !apply(repeats.whole((*whole).to_owned()), &mut text) {
                return None;
            }
        }
        Some(text)
    }

    #[test]
    fn deltas_that_grow_are_one_text() {
        assert_eq!(
            pieces(&["One", "One river", "One river runs"]).as_deref(),
            Some("One river runs")
        );
        let last = ["One river", "One river runs", "One river runs"];
        assert_eq!(pieces(&last).as_deref(), Some("One river runs"));
        let dropped = ["One", "One river", "One river runs", "One lake"];
        assert_eq!(pieces(&dropped), None, "a stream can't repeat itself and then not");
    }

    #[test]
    fn a_text_that_goes_on_as_it_began_is_not_eaten() {
        for text in [
            ["ha", "ha", "ha"].as_slice(),
            &["ha", "haha", "haha"],
            &["la", " la", " la la"],
            &["1", "10", "100"],
            &["- ", "- a", "- b"],
            &["no", "no, no", " more"],
            &["The same. ", "The same. "],
        ] {
            assert_eq!(pieces(text), Some(text.concat()));
        }
    }

    #[test]
    fn a_last_delta_that_is_the_whole_text_is_left_out() {
        let (head, tail) = ("One river runs north. ", "Two lakes lie still.");
        let whole = format!("{head}{tail}");
        assert_eq!(pieces(&[head, tail, &whole]), Some(whole.clone()));
        assert_eq!(
            pieces(&[head, tail, &whole, "."]),
            Some(format!("{whole}{whole}.")),
            "not the last"
        );
        assert_eq!(
            pieces(&[head, tail, &whole.replace("One", "0ne")]),
            None,
            "nearly the whole text"
        );
    }

    #[test]
    fn messages_that_grow_are_one_text_and_others_are_joined() {
        assert_eq!(
            wholes(&["One", "One two", "One two three"]).as_deref(),
            Some("One two three")
        );
        assert_eq!(wholes(&["One", "One two", "One two"]).as_deref(), Some("One two"));
        assert_eq!(wholes(&["One ", "two ", "three"]).as_deref(), Some("One two three"));
        assert_eq!(wholes(&["a", "ab", "x"]), None, "either may be right");
        assert_eq!(wholes(&["One", "Onx two", "One two three"]), None);
    }

    #[test]
    fn a_last_message_is_right_where_the_stream_lacks_a_part_of_it() {
        let text = |chunk| match chunk {
            Chunk::Instead(text) => text,
            Chunk::Known => "known".into(),
            _ => "odd".into(),
        };
        assert_eq!(text(last_message("a b".into(), "a  b\n")), "known");
        assert_eq!(text(last_message(String::new(), "a")), "known");
        assert_eq!(text(last_message("a b c".into(), "a c")), "a b c");
        assert_eq!(text(last_message("a b x d".into(), "a b c")), "odd");
        assert_eq!(text(last_message("c".into(), "a b c")), "odd");
    }
}
