//! How the program ends: exit codes, failures, and a reader that has gone away.

use std::fmt::{self, Display, Formatter};
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Everything is as expected.
pub const OK: u8 = 0;
/// The command line is wrong.
pub const USAGE: u8 = 2;
/// Nothing was selected.
pub const NOTHING: u8 = 4;
/// The library cannot be used.
pub const UNUSABLE: u8 = 96;
/// There are differences.
pub const DIFFERENCES: u8 = 100;
/// The corpus, or a file of it, cannot be read.
pub const CORPUS: u8 = 104;

/// What the help says about them.
pub const HELP: &str = "Exit codes: 0 as expected, 2 wrong command line, 4 nothing selected, \
96 the library cannot be used, 100 differences, 104 the corpus cannot be read. \
101 is a bug of this program.";

/// Why a command could not be carried out. The message reads after "failed to".
#[derive(Debug)]
pub struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// A failure with an exit code.
    pub fn new(code: u8, message: impl Display) -> Failure {
        Failure { code, message: message.to_string() }
    }

    /// Says what failed and gives the exit code.
    pub fn report(self) -> ExitCode {
        let _ = writeln!(anstream::stderr(), "{self}");
        ExitCode::from(self.code)
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "error: failed to {}", self.message.trim_end())
    }
}

/// Prints a text; a reader that has gone away ends the program quietly.
pub fn print(text: &str) -> Result<u8, Failure> {
    let mut out = anstream::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| match text.ends_with('\n') {
        true => out.flush(),
        false => writeln!(out).and_then(|()| out.flush()),
    });
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(unwritten(&error)),
        _ => Ok(OK),
    }
}

fn unwritten(error: &io::Error) -> Failure {
    Failure::new(USAGE, format!("write to standard output: {error}; send it elsewhere"))
}

/// Standard output, line by line. A reader that has gone away is no fault: the work goes on, since
/// the exit code still counts.
#[derive(Debug, Default)]
pub struct Output {
    gone: Option<io::Error>,
}

impl Output {
    /// Nothing printed yet.
    pub fn new() -> Output {
        Output::default()
    }

    /// Prints a line.
    pub fn line(&mut self, line: &str) {
        if self.gone.is_none() {
            let mut out = anstream::stdout().lock();
            self.gone = writeln!(out, "{line}").and_then(|()| out.flush()).err();
        }
    }

    /// Fails if something was not printed, unless nobody was there to read it.
    pub fn end(self) -> Result<(), Failure> {
        match self.gone {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(unwritten(&error)),
            _ => Ok(()),
        }
    }
}
