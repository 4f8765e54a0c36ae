//! `cargo xtask codegen`: writes the files that are generated and committed.
//!
//! Tests of the packages fail when one of them is stale.

use std::path::Path;

use anyhow::{Context as _, Result};

/// Writes what differs; names it.
pub fn codegen(root: &Path) -> Result<u8> {
    let files = [
        (rtm_abi::header::HEADER_PATH, rtm_abi::header::header()),
        ("scenarios/scenario.schema.json", rtm_scenarios::schema()),
    ];
    for (path, text) in files {
        let full = root.join(path);
        let old = std::fs::read_to_string(&full).unwrap_or_default();
        if old == text {
            println!("{path} is fresh");
        } else {
            std::fs::write(&full, text).with_context(|| format!("failed to write {path}"))?;
            println!("{path} written");
        }
    }
    Ok(0)
}
