//! The earlier requests and answers that a workflow goes on with: a copy within a bound.

use super::codec::encoded_len;
use super::spec::{Exchange, Parent};
use serde::Serialize;

/// The most bytes of a history, as they are stored.
pub const HISTORY_BYTES_MAX: usize = 256 * 1024;
/// What a stored exchange takes beside its two texts.
const EXCHANGE_BYTES: usize = 64;

const CUT_MARK: &str = "\n\n[... cut: the history was too long ...]\n\n";

/// What a finished workflow gives to one that follows it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conversation {
    pub parent: Parent,
    /// Oldest first, its own request and answer last.
    pub history: Vec<Exchange>,
}

impl Conversation {
    /// `left_out`: so many exchanges had been left out before.
    pub fn new(id: String, nonce: String, run: u32, left_out: u32, history: Vec<Exchange>) -> Conversation {
        let (history, dropped) = within_bound(history);
        Conversation {
            parent: Parent {
                id,
                nonce,
                run,
                left_out: left_out.saturating_add(dropped),
            },
            history,
        }
    }
}

/// The newest exchanges, as many as are kept, and how many are left out.
pub fn within_bound(mut history: Vec<Exchange>) -> (Vec<Exchange>, u32) {
    let before = history.len();
    let mut left = HISTORY_BYTES_MAX;
    // The newest are kept. One that is too long for what is left ends the history, unless it is the last.
    let mut kept = 0;
    for exchange in history.iter().rev() {
        let bytes = stored_bytes(exchange);
        if bytes > left {
            break;
        }
        left -= bytes;
        kept += 1;
    }
    if kept == 0
        && let Some(last) = history.pop()
    {
        history = vec![shortened(last)];
    } else {
        history.drain(..before - kept);
    }
    let dropped = u32::try_from(before - history.len()).unwrap_or(u32::MAX);
    (history, dropped)
}

fn stored_bytes(exchange: &Exchange) -> usize {
    encoded_len(&exchange.request) + encoded_len(&exchange.answer) + EXCHANGE_BYTES
}

/// The request keeps at most a third of the room, and the answer the rest.
fn shortened(exchange: Exchange) -> Exchange {
    let room = HISTORY_BYTES_MAX - EXCHANGE_BYTES;
    let request = shorten(exchange.request, room / 3);
    let answer = shorten(exchange.answer, room - encoded_len(&request));
    Exchange {
        request,
        answer,
        cut: true,
    }
}

/// The beginning and the end of a text with a mark between them, within so many stored bytes.
fn shorten(text: String, bytes_max: usize) -> String {
    if encoded_len(&text) <= bytes_max {
        return text;
    }
    let room = bytes_max.saturating_sub(encoded_len(CUT_MARK));
    let begin = super::codec::cut_to_encoded(&text, room - room / 4);
    let mut end = text.len();
    let mut bytes = 0;
    for (at, character) in text.char_indices().rev() {
        bytes += encoded_len(character.encode_utf8(&mut [0; 4]));
        if bytes > room / 4 {
            break;
        }
        end = at;
    }
    let end = end.max(begin.len());
    format!("{begin}{CUT_MARK}{}", text.get(end..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(request: &str, answer: &str) -> Exchange {
        Exchange {
            request: request.into(),
            answer: answer.into(),
            cut: false,
        }
    }

    fn conversation(left_out: u32, history: Vec<Exchange>) -> Conversation {
        Conversation::new("w1".into(), "n".into(), 2, left_out, history)
    }

    #[test]
    fn a_short_history_is_kept_whole() {
        let history = vec![exchange("a", "b"), exchange("c", "d")];
        let kept = conversation(0, history.clone());
        assert_eq!((kept.history, kept.parent.left_out), (history, 0));
    }

    #[test]
    fn the_oldest_are_left_out_first_and_counted() {
        let long = "x".repeat(100_000);
        let history = vec![exchange("1", &long), exchange("2", &long), exchange("3", &long)];
        let kept = conversation(4, history.clone());
        assert_eq!((kept.history.as_slice(), kept.parent.left_out), (&history[1..], 5));
    }

    #[test]
    fn one_that_is_too_long_alone_keeps_its_beginning_and_its_end() {
        for character in ["x", "é", "\n", "😀"] {
            let text = |mark: &str| format!("{mark}{}{mark}", character.repeat(300_000));
            let kept = conversation(0, vec![exchange("old", "old"), exchange(&text("R"), &text("A"))]);
            let only = &kept.history[0];
            assert_eq!((kept.history.len(), kept.parent.left_out, only.cut), (1, 1, true));
            assert!(stored_bytes(only) <= HISTORY_BYTES_MAX, "{}", stored_bytes(only));
            assert!(stored_bytes(only) > HISTORY_BYTES_MAX / 2);
            for (kept, mark) in [(&only.request, 'R'), (&only.answer, 'A')] {
                assert!(kept.starts_with(mark) && kept.ends_with(mark) && kept.contains(CUT_MARK));
            }
        }
    }
}
