//! Writing journals.

use std::path::Path;
use std::time::Duration;

use rtm_conformance::gate::Options;
use rtm_conformance::gate::journal::{Form, Line, Request, text};

use super::exit::{Failure, USAGE};

/// Fails if a journal cannot be written where it is wanted: better now than after all runs.
pub fn check(request: &Request) -> Result<(), Failure> {
    let folder = match request.path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if request.path.is_dir() {
        return Err(failure(request, "it is a folder; name a file"));
    }
    if !folder.is_dir() {
        return Err(failure(request, "there is no such folder; make it first"));
    }
    Ok(())
}

/// Writes a journal of a gate that was run like this.
pub fn write(
    request: &Request,
    lines: &[Line],
    elapsed: Duration,
    options: &Options,
) -> Result<(), Failure> {
    let text = text(request.form, lines, elapsed.as_millis(), options);
    // A device or a pipe keeps its place.
    if request.path.exists() && !request.path.is_file() {
        return std::fs::write(&request.path, text)
            .map_err(|error| failure(request, &error.to_string()));
    }
    // Written beside and then moved, so that nobody finds half a journal.
    let mut temporary = request.path.clone().into_os_string();
    temporary.push(".part");
    let written =
        std::fs::write(&temporary, text).and_then(|()| std::fs::rename(&temporary, &request.path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        failure(request, &error.to_string())
    })
}

fn failure(request: &Request, why: &str) -> Failure {
    let kind = if request.form == Form::Json { "json" } else { "junit" };
    Failure::new(USAGE, format!("write the {kind} journal {}: {why}", request.path.display()))
}
