//! `bindgen IN.wasm OUT_DIR`: writes what `wasm-bindgen` makes of the Worker, `index.js` and `index_bg.wasm`.
//!
//! The options are those that Cloudflare's worker-build gives the CLI. The first is the form in which workerd loads
//! WebAssembly. The last two let src/cloudflare/instance.js replace an instance that crashed.

use std::error::Error;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1);
    let (Some(input), Some(out_dir), None) = (args.next(), args.next(), args.next()) else {
        return Err("usage: bindgen IN.wasm OUT_DIR".into());
    };
    Bindgen::new()
        .module(true)?
        .input_path(input)
        .out_name("index")
        .omit_default_module_path(false)
        .reset_state_function(true)
        .force_enable_abort_handler(true)
        .generate(out_dir)?;
    Ok(())
}
