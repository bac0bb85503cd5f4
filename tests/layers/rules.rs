//! Who may import whom, as data. A module that has no row here fails the test, so a new one needs a decision.

/// Who may import what. An importer may always import itself.
pub type Table = &'static [(&'static str, &'static [&'static str])];

/// Small helpers without any knowledge of the program. Everybody may import them, they only each other.
pub const HELPERS: &[&str] = &["json", "text"];

/// The modules at the top of `src`.
pub const MODULES: Table = &[
    ("json", &[]),
    ("text", &[]),
    ("errors", &[]),
    ("model", &["errors"]),
    ("engine", &["errors", "model"]),
    ("notify", &["engine"]),
    ("tenant", &["engine", "notify"]),
    ("journal", &["engine", "notify"]),
    ("clock", &["engine"]),
    ("alarm", &["engine", "journal"]),
    (
        "runner",
        &["engine", "errors", "model", "notify", "journal", "clock", "alarm"],
    ),
    ("providers", &["errors", "model", "clock"]),
    ("api", &["engine", "errors", "model", "notify", "tenant"]),
    // Nobody imports it, because it stands in no other row.
    (
        "cloudflare",
        &[
            "alarm",
            "api",
            "clock",
            "engine",
            "journal",
            "model",
            "notify",
            "providers",
            "runner",
            "tenant",
        ],
    ),
];

/// The rooms of `src/engine`. `src/engine/mod.rs` is the face of the engine: it imports all, and no room imports it.
pub const ROOMS: Table = &[
    ("words", &[]),
    ("answer", &["words"]),
    ("state", &["words", "answer"]),
    ("ask", &["words", "answer", "state"]),
    ("decide", &["words", "answer", "state", "ask"]),
    ("show", &["words", "answer", "state"]),
];

/// Items of a module that are its async ports. Pure modules import the rest of it, item by item.
pub struct Ports {
    pub module: &'static str,
    pub items: &'static [&'static str],
    pub kept_from: &'static [&'static str],
}

pub const PORTS: &[Ports] = &[Ports {
    module: "model",
    items: &["Model", "Progress"],
    kept_from: &["engine", "api"],
}];

/// Crates that only these modules may import. The compiler keeps most of this on its own, because the crates of the
/// runtime are dependencies of wasm32 alone; this also holds where code is compiled for wasm32 only.
pub const CRATES: Table = &[
    ("console_error_panic_hook", &["cloudflare"]),
    ("futures", &["clock", "cloudflare", "providers", "runner"]),
    ("js_sys", &["cloudflare"]),
    ("wasm_bindgen", &["cloudflare"]),
    ("wasm_bindgen_futures", &["cloudflare"]),
    ("web_sys", &["cloudflare"]),
    ("worker", &["cloudflare"]),
];

pub fn row(table: Table, name: &str) -> Option<&'static [&'static str]> {
    table.iter().find(|(row, _)| *row == name).map(|(_, allowed)| *allowed)
}
