//! A row for each thing that a server is known to do, with the name of the source that reports it. The tests are made
//! from the rows: a new row is a new test.
//!
//! Sources are named, and none of their text is copied but the short words by which a server is recognised.

mod refusals;
