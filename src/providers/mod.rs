//! The services that answer: wire formats, the exchange with a server, and the demo.

pub mod demo;
pub mod wire;
