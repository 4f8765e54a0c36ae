//! `cargo xtask ci`: everything that continuous integration looks at, one command after the other.
//!
//! Not here: what has to be installed first; `.ci/run` does that.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::conform::cargo;

/// The commands of cargo, cheap ones first.
const STEPS: &[&str] = &[
    "fmt --all --check",
    "clippy --workspace --all-targets --locked -- -D warnings",
    "test --workspace --locked",
    "xtask tidy",
    "xtask conform",
    "xtask conform --strict",
    "xtask conform --strict --hazards",
    "xtask coverage",
    "xtask mutants generated",
    "test --manifest-path xtask/peers/Cargo.toml --release --locked",
];

/// Runs all steps, up to the first that fails.
pub fn ci(root: &Path) -> Result<u8> {
    for step in STEPS {
        println!("\n== cargo {step}");
        let status = cargo(root).args(step.split(' ')).status();
        let status = status.with_context(|| format!("failed to run cargo {step}"))?;
        if !status.success() {
            bail!("`cargo {step}` failed");
        }
    }
    Ok(0)
}
