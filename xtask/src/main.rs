//! Developer automation: `cargo xtask <command>`.
//!
//! Each command is a module. Exit codes: 0 when all is well, 1 when the command found something
//! wrong or could not run, 2 when the command line is wrong; `conform` gives those of `rtm`.

mod ci;

mod conform;

mod coverage;

mod mutants;

mod bench;

mod codegen;

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
    /// Do what continuous integration does: formatting, lints, tests, the gate, coverage, faults.
    Ci,
    /// Build everything and apply the corpus to the reference library.
    Conform {
        /// Arguments of `rtm conform`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Count the clauses that the corpus cites on the model, and those that are proven; fail when
    /// some are missing.
    Coverage {
        /// Only these groups.
        groups: Vec<String>,
        /// Print a page for a browser, every clause included.
        #[arg(long)]
        html: bool,
        /// Print a table for a page of text.
        #[arg(long, conflicts_with = "html")]
        markdown: bool,
    },
    /// Run the gate against planted faults and permitted variants.
    Mutants {
        /// Only readings whose name contains this; `generated` are the faults made of the
        /// vocabulary, `meaning` those of meaning without each variant alone.
        #[arg(default_value = "")]
        filter: String,
        /// Build with optimizations: longer to build, sooner done.
        #[arg(long)]
        release: bool,
    },
    /// Measure speed against programs of peers.
    Bench {
        /// What is measured.
        #[arg(value_enum, default_value_t = bench::What::Race)]
        what: bench::What,
        /// How often each candidate takes its turn.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
        /// Prefixes for the table, one a line, compressed or not; made up when left out.
        #[arg(long, env = "RTM_PREFIXES")]
        prefixes: Option<PathBuf>,
    },
    /// Write the files that are generated and committed.
    Codegen,
    /// Check the rules about the code itself: sizes, markers, edges, snapshots.
    Tidy,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments.command) {
        Ok(code) => ExitCode::from(code),
        // Shown without a backtrace: most errors are findings about the tree.
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> anyhow::Result<u8> {
    let root = repository_root()?;
    match command {
        Command::Ci => ci::ci(&root),
        Command::Conform { arguments } => conform::conform(&root, arguments),
        Command::Coverage { groups, html, markdown } => {
            let form = match (html, markdown) {
                (true, _) => coverage::Form::Html,
                (_, true) => coverage::Form::Markdown,
                _ => coverage::Form::Text,
            };
            coverage::coverage(groups, form)
        }
        Command::Mutants { filter, release } => mutants::mutants(&root, filter, *release),
        Command::Bench { what, rounds, prefixes } => {
            bench::bench(&root, *what, *rounds, prefixes.as_deref())
        }
        Command::Codegen => codegen::codegen(&root),
        Command::Tidy => tidy::run(&root).map(|()| 0),
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
