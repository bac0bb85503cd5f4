//! Lists of segments: the text that they are, and how much of it two lists have in common.

use super::chars::Places;
use crate::engine::words::answer::Segment;
use crate::engine::words::step_name::StepName;

/// Finds the text of an attempt: step, run, number.
type TextOf<'a, 'b> = &'b dyn Fn(&StepName, u32, u32) -> Option<&'a str>;

/// The text that segments are. `text_of` finds the whole text of an attempt of a step, by run and number. A slice
/// gives what there is: nothing of an unknown attempt, and no more than its text. Takes as long as the texts and the
/// result are.
pub fn join<'a>(segments: &[Segment], text_of: impl Fn(&StepName, u32, u32) -> Option<&'a str>) -> String {
    let mut texts = Texts::new(&text_of);
    let mut joined = String::new();
    for segment in segments {
        joined.push_str(texts.text(segment));
    }
    joined
}

/// The texts of attempts, each with its places once it was needed.
pub(super) struct Texts<'a, 'b> {
    text_of: TextOf<'a, 'b>,
    known: Vec<Known<'a>>,
}

struct Known<'a> {
    step: StepName,
    run: u32,
    number: u32,
    text: &'a str,
    places: Places,
}

impl<'a, 'b> Texts<'a, 'b> {
    pub fn new(text_of: TextOf<'a, 'b>) -> Texts<'a, 'b> {
        Texts {
            text_of,
            known: Vec::new(),
        }
    }

    pub fn text<'s>(&mut self, segment: &'s Segment) -> &'s str
    where
        'a: 's,
    {
        let (step, run, number, from, to) = match segment {
            Segment::Text { text } => return text,
            Segment::Slice {
                step,
                run,
                number,
                from,
                to,
            } => (step, *run, *number, *from, *to),
        };
        let is_it = |known: &Known| known.run == run && known.number == number && known.step == *step;
        let index = self.known.iter().position(is_it).unwrap_or_else(|| {
            let text = (self.text_of)(step, run, number).unwrap_or_default();
            self.known.push(Known {
                step: step.clone(),
                run,
                number,
                text,
                places: Places::of(text),
            });
            self.known.len() - 1
        });
        let Some(known) = self.known.get(index) else {
            return "";
        };
        let range = known.places.byte_at(known.text, from)..known.places.byte_at(known.text, to);
        known.text.get(range).unwrap_or_default()
    }
}

/// How many characters two texts have in common from their beginning, as far as their segments tell.
pub(super) fn common_chars(one: &[Segment], other: &[Segment]) -> usize {
    let mut common = 0;
    for (one, other) in one.iter().zip(other) {
        common += match (one, other) {
            _ if one == other => chars(one),
            (Segment::Slice { from, to, .. }, Segment::Slice { to: other_to, .. }) => {
                // The same slice up to where the shorter one ends?
                let mut extended = other.clone();
                if let Segment::Slice { to: end, .. } = &mut extended {
                    *end = *to;
                }
                return if extended == *one {
                    common + (*to).min(*other_to).saturating_sub(*from)
                } else {
                    common
                };
            }
            _ => return common,
        };
    }
    common
}

/// The characters of a segment of this room, whose slices are within their texts.
pub(super) fn chars(segment: &Segment) -> usize {
    match segment {
        Segment::Slice { from, to, .. } => to.saturating_sub(*from),
        Segment::Text { text } => text.chars().count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(id: &str, from: usize, to: usize) -> Segment {
        Segment::Slice {
            step: StepName::Subtask(id.into()),
            run: 1,
            number: 1,
            from,
            to,
        }
    }

    fn text(text: &str) -> Segment {
        Segment::Text { text: text.into() }
    }

    #[test]
    fn segments_are_joined_by_characters() {
        let text_of = |step: &StepName, run: u32, number: u32| match (step.to_string().as_str(), run, number) {
            ("subtask/t1", 1, 1) => Some("aé字😀z"),
            _ => None,
        };
        let segments = [slice("t1", 3, 5), text("--"), slice("t1", 1, 3), slice("t1", 0, 0)];
        assert_eq!(join(&segments, text_of), "😀z--é字");
        let outside = [
            slice("t1", 4, 99),
            slice("t1", 9, 3),
            slice("t1", 4, 1),
            slice("t9", 0, 1),
        ];
        assert_eq!(join(&outside, text_of), "z");
    }

    #[test]
    fn common_characters_end_where_the_lists_part() {
        let one = [slice("t1", 0, 5), text("\n\n"), slice("t2", 3, 9)];
        for (other, common) in [
            (vec![], 0),
            (one.to_vec(), 13),
            (vec![slice("t1", 0, 3)], 3),
            (vec![slice("t1", 1, 5)], 0),
            (vec![slice("t1", 0, 5), text("\n\n"), slice("t2", 3, 7), text("x")], 11),
            (vec![slice("t1", 0, 5), text("x")], 5),
            (vec![slice("t2", 0, 5)], 0),
        ] {
            assert_eq!(common_chars(&one, &other), common, "{other:?}");
        }
    }
}
