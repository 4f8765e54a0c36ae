//! `rtm list`: the scenarios.

use rtm_scenarios::Schedules;

use super::CorpusArguments;
use super::corpus::load;
use super::exit::{Failure, NOTHING, print};

/// List the scenarios: name, number of orders, title.
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
        let mut text = String::new();
        for named in load(self.corpus.corpus.as_deref())? {
            let selected = self.filter.as_deref().is_none_or(|filter| match self.exact {
                true => named.name == filter,
                false => named.name.contains(filter),
            });
            if selected {
                let scenario = named.parse()?;
                let orders = match scenario.schedules {
                    Schedules::Listed => 1,
                    Schedules::Interleave { seeds } => 2 + seeds,
                };
                text += &format!("{:<58} {orders:>3}  {}\n", named.name, scenario.title);
            }
        }
        if text.is_empty() {
            return Err(Failure::new(NOTHING, "select a scenario: no name fits the filter"));
        }
        print(&text)
    }
}
