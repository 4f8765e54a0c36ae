//! Running the program and looking at what it says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What became of a test: a text says what is wrong.
pub type Outcome = Result<(), String>;

/// A folder of a test, gone after it.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// A new one.
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder can be had"))
    }

    /// Where a file in it is.
    pub fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file into it, and the folders that it needs.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        let folder = path.parent().expect("the file is in a folder");
        fs::create_dir_all(folder).expect("the folder can be made");
        fs::write(&path, content).expect("the file can be written");
        path
    }

    /// Makes a folder in it.
    pub fn folder(&self, name: &str) -> PathBuf {
        let path = self.at(name);
        fs::create_dir_all(&path).expect("the folder can be made");
        path
    }

    /// Makes a named pipe in it.
    pub fn pipe(&self, name: &str) -> PathBuf {
        let path = self.at(name);
        let status = Command::new("mkfifo").arg(&path).status().expect("mkfifo can be run");
        assert!(status.success(), "a pipe can be made");
        path
    }
}

/// The program with these arguments, run in a folder and in an environment that asks for nothing.
pub fn rtm(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtm"));
    command.args(arguments);
    within(folder, command)
}

/// The command that a line of a report says repeats it, as a shell takes it; `None` where it says
/// none.
pub fn again(folder: &Folder, line: &str) -> Option<Command> {
    let repeat = line.trim_start().strip_prefix("repeat: ")?;
    let mut command = Command::new("sh");
    command.args(["-c", repeat]);
    Some(within(folder, command))
}

fn within(folder: &Folder, mut command: Command) -> Command {
    command.current_dir(folder.at("."));
    for name in ["TEST_TOTAL_SHARDS", "TEST_SHARD_INDEX", "TEST_SHARD_STATUS_FILE"] {
        command.env_remove(name);
    }
    command.env_remove("RTM_REFERENCE_READINGS").env_remove("RTM_REFERENCE_TAMPERING");
    command
}

/// What the program said, standard output before standard error.
pub struct Said {
    /// Its exit code; -1 if a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs a command.
pub fn said(command: &mut Command) -> Said {
    let output = command.output().expect("the program can be run");
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs a command; it must end with this code and say all these pieces.
pub fn expect(command: &mut Command, code: i32, pieces: &[&str]) -> Result<Said, String> {
    let said = said(command);
    let text = format!("{command:?}\nexit code {}\n{}{}", said.code, said.out, said.err);
    if said.code != code {
        return Err(format!("exit code {code} is expected:\n{text}"));
    }
    let both = format!("{}{}", said.out, said.err);
    match pieces.iter().find(|piece| !both.contains(*piece)) {
        Some(piece) => Err(format!("`{piece}` is expected:\n{text}")),
        None if both.contains("panicked") => Err(format!("it panicked:\n{text}")),
        None => Ok(said),
    }
}

/// Runs the program with words that have no blank in them.
pub fn check(folder: &Folder, line: &str, code: i32, pieces: &[&str]) -> Outcome {
    let words: Vec<&str> = line.split_whitespace().collect();
    expect(&mut rtm(folder, &words), code, pieces).map(drop)
}

/// A path as an argument.
pub fn shown(path: &Path) -> &str {
    path.to_str().expect("paths of tests are text")
}
