//! `collect` with less code.

/// For every iterator.
pub(crate) trait Gather: Iterator + Sized {
    /// `collect::<Vec<_>>()`. The code that grows the `Vec` exists once for each type of item, not for each chain of adapters.
    fn gather(mut self) -> Vec<Self::Item> {
        all_of(&mut || self.next())
    }

    /// `collect::<Result<Vec<_>, _>>()`, likewise.
    fn try_gather<T, E>(mut self) -> Result<Vec<T>, E>
    where
        Self: Iterator<Item = Result<T, E>>,
    {
        let mut failed = None;
        let items = all_of(&mut || match self.next()? {
            Ok(item) => Some(item),
            Err(error) => {
                failed = Some(error);
                None
            }
        });
        failed.map_or(Ok(items), Err)
    }
}

impl<I: Iterator> Gather for I {}

#[inline(never)]
fn all_of<T>(next: &mut dyn FnMut() -> Option<T>) -> Vec<T> {
    let mut items = Vec::new();
    while let Some(item) = next() {
        items.push(item);
    }
    items
}
