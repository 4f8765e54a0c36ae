//! `cargo xtask conform`: builds everything and applies the corpus to the reference.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Builds the harness and the reference library; gives the folder that holds both.
pub fn build(root: &Path, release: bool) -> Result<PathBuf> {
    let mut command = cargo(root);
    command.args(["build", "--package", "rtm-conformance", "--package", "rtm-reference"]);
    if release {
        command.arg("--release");
    }
    let status = command.status().context("failed to run cargo build")?;
    ensure!(status.success(), "the harness does not build");
    Ok(target(root).join(if release { "release" } else { "debug" }))
}

/// Runs the gate on the reference; gives its exit code.
pub fn conform(root: &Path, arguments: &[String]) -> Result<u8> {
    let folder = build(root, false)?;
    let mut command = Command::new(folder.join("rtm"));
    command.arg("conform").args(arguments).current_dir(root);
    let status = command.status().context("failed to run rtm conform")?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(101))
}

/// Cargo, as this program was started by it.
pub fn cargo(root: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root);
    command
}

/// Where cargo builds.
pub fn target(root: &Path) -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root.join(folder),
        None => root.join("target"),
    }
}
