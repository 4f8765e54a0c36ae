//! The command line.

pub mod exit;

pub mod corpus;

pub mod library;

pub mod conform;

pub mod journal;

pub mod partition;

pub mod summary;

pub mod smoke;

pub mod profile;

pub mod simulate;

pub mod check;

pub mod list;

pub mod clauses;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use exit::Failure;

/// Conformance harness and simulator of RTMv2, the Windows routing table manager's C interface.
#[derive(Parser, Debug)]
#[command(name = "rtm", version, max_term_width = 100, after_help = exit::HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Apply the scenarios to an implementation and judge what it does.
    Conform(conform::Conform),
    /// Tell whether a library can be used at all.
    Smoke(smoke::Smoke),
    /// List a library's own choices where the documentation is silent.
    Profile(profile::Profile),
    /// Run one scenario on the model and print what it shows.
    Simulate(simulate::Simulate),
    /// Find every mistake in scenario files.
    Check(check::Check),
    /// List the scenarios.
    List(list::List),
    /// Show clauses: the text, the readings, the scenarios that cite them.
    Clauses(clauses::Clauses),
    /// Print the JSON schema of scenario files.
    Schema,
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// Where scenarios come from.
#[derive(clap::Args, Clone, Debug)]
pub struct CorpusArguments {
    /// A folder of scenarios, instead of the corpus that is built in.
    #[arg(long, value_name = "DIR")]
    pub corpus: Option<PathBuf>,
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // A reader that has gone away is no fault of ours.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { 0 });
        }
    };
    match run(arguments.command) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => failure.report(),
    }
}

fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Conform(command) => command.run(),
        Command::Smoke(command) => command.run(),
        Command::Profile(command) => command.run(),
        Command::Simulate(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::List(command) => command.run(),
        Command::Clauses(command) => command.run(),
        Command::Schema => exit::print(&rtm_scenarios::schema()),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "rtm", &mut text);
            exit::print(&String::from_utf8_lossy(&text))
        }
    }
}
