//! The reference library, built anew so that it is never a stale one.

use std::path::PathBuf;
use std::process::Command;

/// Where it is: the program under test stands in the same folder.
pub fn reference() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_rtm")).with_file_name("librtm_reference.so")
}

/// Builds it.
pub fn build_reference() {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--quiet", "--package", "rtm-reference"]);
    let folder = reference();
    if folder.parent().and_then(|f| f.file_name()).is_some_and(|profile| profile == "release") {
        command.arg("--release");
    }
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let status = command.status().expect("cargo can be run");
    assert!(status.success(), "the reference library does not build");
}
