//! A reader that goes away, or was never there.

use std::fs::File;
use std::io::pipe;
use std::process::Stdio;

use super::Case;
use super::options::TOKEN;
use super::run::{Folder, Outcome, rtm};

pub const CASES: &[Case] = &[
    ("nobody_reads", |f| {
        let token = format!("conform --exact registration/first-call --schedule {TOKEN}");
        for (line, code) in [
            ("list", 0),
            ("--help", 0),
            ("clauses", 0),
            ("schema", 0),
            ("completions bash", 0),
            ("check", 0),
            ("simulate registration/first-call", 0),
            ("conform registration", 0),
            ("conform --list", 0),
            ("smoke", 0),
            ("profile registration", 0),
            ("conform --nonsense", 2),
            ("list no-such-name", 4),
            ("conform --implementation nowhere.so", 96),
            ("simulate nowhere", 104),
            (&token, 0),
        ] {
            unread(f, line, code)?;
        }
        Ok(())
    }),
    ("disk_is_full", |f| {
        for line in ["list", "conform first-call", "conform --list", "smoke", "profile first-call"]
        {
            let words: Vec<&str> = line.split_whitespace().collect();
            let full = File::create("/dev/full").map_err(|error| error.to_string())?;
            let output = rtm(f, &words).stdout(full).stderr(Stdio::piped()).output();
            let output = output.expect("the program can be run");
            let text = String::from_utf8_lossy(&output.stderr);
            let start = "error: failed to write to standard output: ";
            if output.status.code() != Some(2) || !text.starts_with(start) {
                return Err(format!("{line}: {}, {text}", output.status));
            }
        }
        Ok(())
    }),
    ("everything_is_closed", |f| {
        for (line, code) in [("list", 0), ("conform first-call", 0), ("conform -x", 2)] {
            let program = env!("CARGO_BIN_EXE_rtm");
            let mut command = std::process::Command::new("sh");
            command.args(["-c", &format!("exec {program} {line} <&- >&- 2>&-")]);
            let status = command.current_dir(f.at(".")).status().expect("sh can be run");
            if status.code() != Some(code) {
                return Err(format!("{line}: {status}, {code} is expected"));
            }
        }
        Ok(())
    }),
];

/// Runs the program with pipes whose readers are gone already.
fn unread(folder: &Folder, line: &str, code: i32) -> Outcome {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut command = rtm(folder, &words);
    let (reader, writer) = pipe().expect("a pipe can be made");
    let second = writer.try_clone().expect("a descriptor can be copied");
    drop(reader);
    command.stdout(Stdio::from(writer)).stderr(Stdio::from(second));
    let status = command.status().expect("the program can be run");
    match status.code() == Some(code) {
        true => Ok(()),
        false => Err(format!("{line}: {status}, {code} is expected")),
    }
}
