//! Halves of surrogate pairs. Some servers cut a text between the two UTF-16 halves of a character and escape each half
//! by itself (`\ud83c`), in two events.
//!
//! No Rust text can hold a half, so [`super::values`] writes each as one private character, and [`Halves`] joins them
//! where the texts of the events follow each other. A half without its other half becomes U+FFFD.

/// The 2,048 halves as the last 2,048 private characters of Unicode. `values` refuses an event that holds both a half
/// and one of these characters, so that they can't be mixed up.
const FIRST_MARK: u32 = 0x10_f800;
const FIRST_HALF: u32 = 0xd800;
const FIRST_LOW_HALF: u32 = 0xdc00;
const HALVES: u32 = 0x800;

/// The character that stands for a half.
pub(super) fn mark_of(half: u32) -> Option<char> {
    let number = half.checked_sub(FIRST_HALF).filter(|number| *number < HALVES)?;
    char::from_u32(FIRST_MARK + number)
}

/// The half that a character stands for.
pub(super) fn half_of(character: char) -> Option<u32> {
    let number = u32::from(character).checked_sub(FIRST_MARK)?;
    Some(FIRST_HALF + number)
}

/// The character of two halves.
pub(super) fn joined(high: u32, low: u32) -> Option<char> {
    let (high, low) = (high.checked_sub(FIRST_HALF)?, low.checked_sub(FIRST_LOW_HALF)?);
    char::from_u32(0x1_0000 + (high << 10) + low)
}

pub(super) fn is_high(half: u32) -> bool {
    half < FIRST_LOW_HALF
}

/// Joins the halves of a text that comes in parts.
#[derive(Debug, Default)]
pub(super) struct Halves {
    /// A high half that waits for its low one.
    pending: Option<u32>,
}

impl Halves {
    /// The next part. `marked`: its private characters stand for halves.
    pub(super) fn join(&mut self, part: String, marked: bool) -> String {
        if part.is_empty() || (!marked && self.pending.is_none()) {
            return part;
        }
        let mut text = String::with_capacity(part.len());
        for character in part.chars() {
            match (half_of(character).filter(|_| marked), self.pending.take()) {
                (None, None) => text.push(character),
                (None, Some(_)) => text.extend([char::REPLACEMENT_CHARACTER, character]),
                (Some(half), before) if is_high(half) => {
                    text.extend(before.map(|_| char::REPLACEMENT_CHARACTER));
                    self.pending = Some(half);
                }
                (Some(half), before) => {
                    let character = before.and_then(|high| joined(high, half));
                    text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
                }
            }
        }
        text
    }

    /// The text ended: what a waiting half becomes.
    pub(super) fn finish(&mut self) -> Option<char> {
        self.pending.take().map(|_| char::REPLACEMENT_CHARACTER)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn marks(text: &[u16]) -> String {
        char::decode_utf16(text.iter().copied())
            .filter_map(|unit| unit.map_or_else(|half| mark_of(u32::from(half.unpaired_surrogate())), Some))
            .collect()
    }

    #[test]
    fn any_utf_16_text_cut_anywhere_is_whole_again() {
        let text: Vec<u16> = "a🎉b🦀🦀".encode_utf16().chain([0xd83c, 0x61, 0xdf89]).collect();
        for at in 0..=text.len() {
            let (head, tail) = text.split_at(at);
            let mut halves = Halves::default();
            let mut read = halves.join(marks(head), true) + &halves.join(marks(tail), true);
            read.extend(halves.finish());
            assert_eq!(read, "a🎉b🦀🦀\u{fffd}a\u{fffd}", "cut at {at}");
        }
    }

    #[test]
    fn a_private_character_of_a_text_without_halves_stays() {
        assert_eq!(Halves::default().join("\u{10f83c}".into(), false), "\u{10f83c}");
    }
}
