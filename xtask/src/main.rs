//! Developer automation: `cargo xtask <command>`.

fn main() {}
