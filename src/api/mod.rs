//! The vocabulary of HTTP: what a request says and what an answer looks like. Pure.

pub mod access;
pub mod authority;
pub mod cors;
mod headers;
pub mod id;
pub mod negotiation;
pub mod prefer;
pub mod problem;
pub mod query;
pub mod routes;
pub mod tokens;
