//! `rtm clauses`: what the documentation says, under its ids.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rtm_scenarios::{nearest, simulate};
use rtm_sim::clause::{CLAUSES, ClauseId};

use super::corpus::load;
use super::exit::{Failure, NOTHING, print};

/// So many clauses are shown in full.
const FEW: usize = 12;
/// So many scenarios that cite a clause are named.
const NAMES_MAX: usize = 8;

/// Show clauses: text, source, readings, and the scenarios of the corpus that cite them.
///
/// A function and a few clauses are shown in full, more than that are listed, a line each. The
/// mark before an id tells how firm a clause is: = the documentation states it, + implies it, ~ is
/// silent.
#[derive(clap::Args, Debug)]
pub struct Clauses {
    /// A function, a group, a clause id or the beginning of one; all clauses when left out.
    what: Option<String>,
    /// Only those that the corpus should cite and does not.
    #[arg(long)]
    uncited: bool,
    /// Name all scenarios that cite a clause, not only the first ones.
    #[arg(long)]
    all: bool,
}

impl Clauses {
    /// Runs the command.
    pub fn run(self) -> Result<u8, Failure> {
        let what = self.what.as_deref().unwrap_or("");
        let whole = ClauseId::find(what);
        let fits = |id: ClauseId| {
            let clause = id.clause();
            // The id of a clause may be the beginning of others.
            if let Some(whole) = whole {
                return id == whole;
            }
            what.is_empty()
                || clause.group == what
                || clause.function == what
                || clause.id.starts_with(what)
        };
        let selected: Vec<ClauseId> = ClauseId::all().filter(|id| fits(*id)).collect();
        if selected.is_empty() {
            let message = match meant(what) {
                Some(near) => format!("find a clause for `{what}`: did you mean `{near}`?"),
                None => format!(
                    "find a clause for `{what}`: `rtm clauses` lists all {} of them",
                    CLAUSES.len()
                ),
            };
            return Err(Failure::new(NOTHING, message));
        }
        if self.uncited {
            let cited = cited_by()?;
            let owed = selected.iter().filter(|id| id.clause().is_owed());
            let owed: Vec<_> = owed.filter(|id| !cited.contains_key(id)).collect();
            let mut text = String::new();
            for id in &owed {
                let _ = writeln!(text, "{}{id}", id.strength().mark());
            }
            let _ =
                writeln!(text, "{} of {} clauses are owed a scenario", owed.len(), selected.len());
            return print(&text);
        }
        let mut text = String::new();
        let is_function = selected.iter().all(|id| id.clause().function == what);
        if !is_function && FEW < selected.len() {
            for id in &selected {
                let _ = writeln!(text, "{}{id}: {}", id.strength().mark(), id.clause().text);
            }
            return print(&text);
        }
        let cited = cited_by()?;
        for id in &selected {
            let names_max = if self.all { usize::MAX } else { NAMES_MAX };
            describe(*id, cited.get(id), names_max, &mut text);
        }
        print(&text)
    }
}

/// For each clause, the scenarios that cite it.
fn cited_by() -> Result<BTreeMap<ClauseId, Vec<String>>, Failure> {
    let mut cited: BTreeMap<ClauseId, Vec<String>> = BTreeMap::new();
    for named in load(None)? {
        for clause in simulate::cited(&named.parse()?) {
            cited.entry(clause).or_default().push(named.name.clone());
        }
    }
    Ok(cited)
}

/// The function, group or clause that a word is near to.
fn meant(word: &str) -> Option<&'static str> {
    let clauses = || ClauseId::all().map(ClauseId::clause);
    match word.contains('.') {
        true => nearest(word, clauses().map(|clause| clause.id)),
        false => nearest(word, clauses().flat_map(|clause| [clause.function, clause.group])),
    }
}

fn describe(id: ClauseId, cited: Option<&Vec<String>>, names_max: usize, text: &mut String) {
    let clause = id.clause();
    let _ =
        writeln!(text, "{}{id} ({}, {})", id.strength().mark(), id.strength().word(), clause.kind);
    let _ = writeln!(text, "  {}", clause.text);
    if let Some(choice) = clause.choice {
        let _ = writeln!(text, "  the model's reading: {choice}");
    }
    for reading in &clause.alternatives {
        let _ = writeln!(text, "  permitted: {}: {}", reading.name, reading.text);
    }
    for reading in &clause.forbidden {
        let _ = writeln!(text, "  forbidden: {}: {}", reading.name, reading.text);
    }
    let _ = writeln!(text, "  source: {}", clause.source);
    if let Some(reason) = clause.unobservable {
        let _ = writeln!(text, "  cannot be seen through the interface: {reason}");
    }
    if clause.binds_client {
        let _ = writeln!(text, "  binds the caller only");
    }
    match cited {
        Some(names) => {
            let shown = names.iter().take(names_max).map(String::as_str);
            let shown = shown.collect::<Vec<_>>().join(", ");
            let more = match names.len().saturating_sub(names_max) {
                0 => String::new(),
                more => format!(" and {more} more, see --all"),
            };
            let _ = writeln!(text, "  cited by: {shown}{more}\n");
        }
        None => {
            let _ = writeln!(text, "  cited by no scenario\n");
        }
    }
}
