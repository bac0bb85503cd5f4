//! Places of a text in bytes, which code works with, and in characters, which the journal counts.

/// A text can grow, and a look-up takes as long as counting [`STEP`] bytes.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The characters that begin before byte `n * STEP`, for each `n`.
    marks: Vec<usize>,
    bytes: usize,
    chars: usize,
}

const STEP: usize = 1024;

impl Places {
    pub fn of(text: &str) -> Places {
        let mut places = Places::default();
        places.grow(text);
        places
    }

    /// `added` stands after what the text was so far.
    pub fn grow(&mut self, added: &str) {
        let mut rest = added.as_bytes();
        while !rest.is_empty() {
            if self.bytes.is_multiple_of(STEP) {
                self.marks.push(self.chars);
            }
            let room = STEP - self.bytes % STEP;
            let (now, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.chars += starts(now);
            self.bytes += now.len();
            rest = later;
        }
    }

    /// The characters before a byte of the text.
    pub fn char_at(&self, text: &str, byte: usize) -> usize {
        let block = byte / STEP;
        match (self.marks.get(block), text.as_bytes().get(block * STEP..byte)) {
            (Some(before), Some(rest)) => before + starts(rest),
            _ => self.chars,
        }
    }

    /// The byte at which a character begins; the text's length where it has fewer characters.
    pub fn byte_at(&self, text: &str, char: usize) -> usize {
        if char >= self.chars {
            return text.len();
        }
        let block = self.marks.partition_point(|before| *before <= char).saturating_sub(1);
        let from = block * STEP;
        let mut left = char - self.marks.get(block).copied().unwrap_or(0);
        for (place, byte) in text.as_bytes().iter().enumerate().skip(from) {
            if is_start(*byte) {
                if left == 0 {
                    return place;
                }
                left -= 1;
            }
        }
        text.len()
    }
}

fn starts(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| is_start(**byte)).count()
}

/// Every byte of UTF-8 that does not go on with a character begins one.
fn is_start(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_char_indices() {
        let text: String = ["a", "é", "字", "😀", "\r\n"]
            .iter()
            .cycle()
            .take(3_000)
            .copied()
            .collect();
        let whole = Places::of(&text);
        let mut grown = Places::default();
        for char in text.chars() {
            grown.grow(char.encode_utf8(&mut [0; 4]));
        }
        for (number, (byte, _)) in text.char_indices().enumerate() {
            for places in [&whole, &grown] {
                assert_eq!(places.char_at(&text, byte), number);
                assert_eq!(places.byte_at(&text, number), byte);
            }
        }
        let chars = text.chars().count();
        assert_eq!(whole.char_at(&text, text.len()), chars);
        assert_eq!(whole.byte_at(&text, chars), text.len());
        assert_eq!(whole.byte_at(&text, usize::MAX), text.len());
        assert_eq!(Places::of("").byte_at("", 3), 0);
    }
}
