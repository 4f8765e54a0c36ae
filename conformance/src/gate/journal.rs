//! Journals: what the gate did, for programs to read.
//!
//! But for times they are the same byte for byte, whatever the number of threads.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::str::FromStr;

use serde_json::{Value, json};

use super::Options;
use super::verdict::{Kind, ScenarioResult};

/// The form of a journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// One JSON object a line.
    Json,
    /// The XML that CI services read.
    Junit,
}

/// A journal that is asked for: `json=PATH` or `junit=PATH`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Its form.
    pub form: Form,
    /// Where it goes.
    pub path: PathBuf,
}

impl FromStr for Request {
    type Err = String;

    fn from_str(text: &str) -> Result<Request, String> {
        let (form, path) = text.split_once('=').ok_or("it has the form KIND=PATH")?;
        let form = match form {
            "json" => Form::Json,
            "junit" => Form::Junit,
            other => return Err(format!("`{other}` is none of json, junit")),
        };
        if path.is_empty() {
            return Err(String::from("the path is empty"));
        }
        Ok(Request { form, path: PathBuf::from(path) })
    }
}

/// One line of the journal.
#[derive(Clone, Debug)]
pub struct Line {
    /// The scenario.
    pub name: String,
    /// What became of it.
    pub result: ScenarioResult,
    /// Whether a failure is known and expected.
    pub expected: bool,
}

impl Line {
    fn json(&self) -> Value {
        let r = &self.result;
        json!({
            "scenario": self.name,
            "verdict": r.kind.word(),
            "expected": self.expected,
            "runs": r.runs,
            "failed": r.failed,
            "judged": r.judged.0,
            "total": r.judged.1,
            "clauses": r.clauses.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "readings": r.readings.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "adopted": r.adopted.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "own-way": r.own_way,
            "remarks": r.remarks,
            "report": r.report,
        })
    }
}

/// The text of a journal of a gate that was run like this.
pub fn text(form: Form, lines: &[Line], milliseconds: u128, options: &Options) -> String {
    match form {
        Form::Json => {
            let mut text = String::new();
            for line in lines {
                let _ = writeln!(text, "{}", line.json());
            }
            let failed = lines.iter().filter(|l| l.result.kind.fails() && !l.expected).count();
            let end = json!({
                "scenarios": lines.len(),
                "failed": failed,
                "milliseconds": milliseconds as u64,
                "library": options.shown_path,
                "options": options.shown_options.trim_start(),
                "seed": options.seed,
                "seeds": options.seeds,
                "version": env!("CARGO_PKG_VERSION"),
            });
            let _ = writeln!(text, "{end}");
            text
        }
        Form::Junit => junit(lines, milliseconds),
    }
}

fn junit(lines: &[Line], milliseconds: u128) -> String {
    let failed = lines.iter().filter(|l| l.result.kind.fails() && !l.expected).count();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let seconds = milliseconds as f64 / 1000.0;
    let _ = writeln!(
        text,
        "<testsuite name=\"rtm conform\" tests=\"{}\" failures=\"{failed}\" time=\"{seconds:.3}\">",
        lines.len()
    );
    for line in lines {
        let (group, name) = line.name.rsplit_once('/').unwrap_or(("", &line.name));
        let _ = write!(
            text,
            "  <testcase classname=\"{}\" name=\"{}\">",
            escaped(group),
            escaped(name)
        );
        let kind = line.result.kind;
        if kind.fails() && !line.expected {
            let report = escaped(&line.result.report);
            let _ = write!(text, "<failure message=\"{}\">{report}</failure>", kind.word());
        } else if kind != Kind::Match {
            let _ = write!(text, "<skipped message=\"{}\"/>", escaped(&why_skipped(line)));
        }
        text.push_str("</testcase>\n");
    }
    text.push_str("</testsuite>\n");
    text
}

/// The verdict, and in one line what it rests on.
fn why_skipped(line: &Line) -> String {
    let result = &line.result;
    let word = result.kind.word();
    let reason = match (&result.own_way, line.expected) {
        (_, true) => return format!("{word}, expected"),
        (Some(own_way), _) => own_way.as_str(),
        (None, _) => result.report.as_str(),
    };
    match reason.lines().next() {
        Some(reason) => format!("{word}: {reason}"),
        None => word.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && c != '\n' => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}
