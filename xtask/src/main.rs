//! Developer automation: `cargo xtask <command>`.
//!
//! Each command is a module. Exit codes: 0 when all is well, 1 when the command found something
//! wrong or could not run, 2 when the command line is wrong.

mod tidy;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

/// Developer automation of the RTMv2 harness.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the rules about the code itself: sizes, markers, edges, snapshots.
    Tidy,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        // Shown without a backtrace: most errors are findings about the tree.
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> anyhow::Result<()> {
    let root = repository_root()?;
    match command {
        Command::Tidy => tidy::run(&root),
    }
}

/// The folder above this package. Cargo sets the variable when it runs us, so that a binary in
/// a shared target folder looks at the work tree it was started for.
fn repository_root() -> anyhow::Result<PathBuf> {
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .context("CARGO_MANIFEST_DIR is not set; run this as `cargo xtask`")?;
    let root = PathBuf::from(package).parent().map(PathBuf::from);
    root.context("the package has no folder above it")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
