//! `rtm list`: the scenarios.

use rtm_scenarios::{Heading, Schedules, heading};

use super::CorpusArguments;
use super::corpus::{Named, load, parse_all};
use super::exit::{Failure, NOTHING, print};

/// List the scenarios: name, number of runs (each in another order), title.
#[derive(clap::Args, Debug)]
pub struct List {
    /// Only scenarios whose name contains this.
    filter: Option<String>,
    /// Only the scenario with exactly this name.
    #[arg(long)]
    exact: bool,
    #[command(flatten)]
    corpus: CorpusArguments,
}

impl List {
    /// Runs the command.
    pub fn run(self) -> Result<u8, Failure> {
        let mut selected = Vec::new();
        for named in load(self.corpus.corpus.as_deref())? {
            let fits = self.filter.as_deref().is_none_or(|filter| match self.exact {
                true => named.name == filter,
                false => named.name.contains(filter),
            });
            if fits {
                selected.push(named);
            }
        }
        if selected.is_empty() {
            let message = "select a scenario: no name fits the filter; `rtm list` names them all";
            return Err(Failure::new(NOTHING, message));
        }
        let mut text = String::new();
        let known = self.corpus.corpus.is_none();
        for (named, heading) in headings(selected, known)? {
            let orders = match heading.schedules {
                Schedules::Listed => 1,
                Schedules::Interleave { seeds } => 2 + seeds,
            };
            let plural = if orders == 1 { " " } else { "s" };
            text += &format!("{:<58} {orders:>3} run{plural}  {}\n", named.name, heading.title);
        }
        print(&text)
    }
}

/// The headings of scenarios. Those that are `known` to be right, because they were checked before
/// they were built in, are not read further.
fn headings(all: Vec<Named>, known: bool) -> Result<Vec<(Named, Heading)>, Failure> {
    let read: Option<Vec<_>> =
        all.iter().map(|named| heading(&named.file, &named.text).filter(|_| known)).collect();
    if let Some(headings) = read {
        return Ok(all.into_iter().zip(headings).collect());
    }
    let whole = parse_all(all)?.into_iter();
    Ok(whole.map(|(n, s)| (n, Heading { title: s.title, schedules: s.schedules })).collect())
}
