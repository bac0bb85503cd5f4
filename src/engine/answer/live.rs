//! The reader's text while the script streams: what of the blocks was given out, and what goes on.

use super::blocks::{Block, Blocks};
use super::edits::BLANK_LINE;
use super::source::Update;

/// So many changes of what was shown are given out as they come. Later ones wait for the end, so that a script of many
/// edits after the answer does not send its parts each time.
const REWRITES_MAX: usize = 8;

#[derive(Debug)]
pub(super) struct Live {
    shown: Vec<Shown>,
    /// Characters given out.
    chars: usize,
    settled: usize,
    /// An edit after the answer has changed settled text from here on, so another one may.
    settled_max: usize,
    rewrites: usize,
    /// The first block that was shown and has changed since.
    stale: Option<usize>,
}

#[derive(Debug)]
struct Shown {
    /// The characters before the block and the blank line before it.
    at: usize,
    /// The bytes of it that were given out.
    bytes: usize,
}

impl Live {
    pub fn new() -> Live {
        Live {
            shown: Vec::new(),
            chars: 0,
            settled: 0,
            settled_max: usize::MAX,
            rewrites: 0,
            stale: None,
        }
    }

    /// What is new since the last time. `has_ended`: nothing of the script is to come.
    pub fn update(&mut self, blocks: &mut Blocks, has_ended: bool) -> Option<Update> {
        if let Some(changed) = blocks.changed.take() {
            self.stale = Some(self.stale.map_or(changed, |first| first.min(changed)));
        }
        let is_visible = has_ended || blocks.has_begun() || blocks.seems_unmarked();
        if !is_visible {
            // A first mark takes back what was shown before it.
            self.stale = Some(0);
        }
        let shown_before = self.chars;
        let is_due = has_ended || self.rewrites < REWRITES_MAX;
        match self
            .stale
            .and_then(|first| self.shown.get(first).map(|shown| (first, shown.at)))
        {
            None => self.stale = None,
            Some((first, at)) if is_due => {
                self.shown.truncate(first);
                self.chars = at;
                if at < self.settled {
                    self.settled_max = at;
                }
                self.rewrites += 1;
                self.stale = None;
            }
            Some(_) => {}
        }
        let from = self.chars;
        let text = if is_visible { self.append(blocks) } else { String::new() };
        let settled = self.settled(blocks, has_ended);
        let is_news = from < shown_before || !text.is_empty() || settled != self.settled;
        self.settled = settled;
        is_news.then_some(Update { from, text, settled })
    }

    fn append(&mut self, blocks: &Blocks) -> String {
        let mut text = String::new();
        let first = self.shown.len().saturating_sub(1);
        for (index, block) in blocks.blocks().iter().enumerate().skip(first) {
            let whole = blocks.block_text(block);
            let before = text.len();
            match self.shown.get_mut(index) {
                Some(shown) => {
                    // Only a text grows without notice.
                    if matches!(block, Block::Text(_)) {
                        text.push_str(whole.get(shown.bytes..).unwrap_or_default());
                        shown.bytes = whole.len();
                    }
                }
                None => {
                    self.shown.push(Shown {
                        at: self.chars,
                        bytes: whole.len(),
                    });
                    if self.chars > 0 && !whole.is_empty() {
                        text.push_str(BLANK_LINE);
                    }
                    text.push_str(whole);
                }
            }
            self.chars += text.get(before..).unwrap_or_default().chars().count();
        }
        text
    }

    fn settled(&self, blocks: &Blocks, has_ended: bool) -> usize {
        if !has_ended && !blocks.has_begun() {
            return 0;
        }
        let unsettled = blocks.first_unsettled().and_then(|block| self.shown.get(block));
        let at = unsettled.map_or(self.chars, |shown| shown.at);
        if has_ended { at } else { at.min(self.settled_max) }
    }
}
