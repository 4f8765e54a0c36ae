//! `rtm simulate`: one scenario on the model.

use rtm_scenarios::simulate::{Strategy, simulate};
use rtm_scenarios::{Scenario, report};
use rtm_sim::explore::{Graph, NODES_MAX};
use rtm_sim::model::{Config, Model};
use rtm_sim::readings::Readings;
use rtm_sim::schedule::token::Token;
use rtm_sim::schedule::{Random, Replay, Scheduler};
use rtm_snapshots::outcomes::{Outcomes, render_outcomes};
use rtm_snapshots::render::misuses;
use rtm_snapshots::{Options, render};

use super::corpus::one;
use super::exit::{CORPUS, Failure, USAGE, print};

/// Run one scenario on the model and print what it shows, with the clauses that decided it.
#[derive(clap::Args, Debug)]
pub struct Simulate {
    /// A scenario file, or the name of a scenario that is built in.
    scenario: String,
    /// The random interleaving of this seed; file order when neither is given.
    #[arg(long, conflicts_with = "schedule")]
    seed: Option<u64>,
    /// So many random interleavings, from seed 0 or --seed on: their distinct outcomes, each with a
    /// token for --schedule.
    #[arg(long, value_name = "N", conflicts_with = "schedule")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=SEEDS_MAX))]
    seeds: Option<u64>,
    /// The interleaving of this token.
    #[arg(long, value_name = "TOKEN")]
    schedule: Option<String>,
}

/// Most interleavings that can be asked for: each can have an outcome of its own, which is kept.
const SEEDS_MAX: u64 = 100_000;

impl Simulate {
    /// Runs the command.
    pub fn run(self) -> Result<u8, Failure> {
        let scenario = one(&self.scenario)?.parse()?;
        if let Some(seeds) = self.seeds {
            return print(&outcomes(&scenario, self.seed.unwrap_or(0), seeds));
        }
        let digest = scenario.program.digest();
        let mut notes = String::new();
        let strategy = self.seed.map_or(Strategy::Listed, Strategy::Random);
        let mut scheduler = strategy.scheduler(&scenario.program);
        let mut replay = None;
        if let Some(token) = &self.schedule {
            let token = Token::parse(token)
                .map_err(|error| Failure::new(USAGE, format!("read the schedule: {error}")))?;
            if token.digest != digest {
                notes += "note: the token was made for another program; \
                          it is followed as far as it goes\n";
            }
            replay = Some(Replay::new(token.choices));
        }
        let scheduler: &mut dyn Scheduler = match &mut replay {
            Some(replay) => replay,
            None => &mut *scheduler,
        };
        let simulation = simulate(&scenario, scheduler);
        for turn in replay.iter().flat_map(|replay| &replay.departures) {
            notes += &format!("note: turn {} of the token could not be followed\n", turn + 1);
        }
        let end = misuses(&scenario.program, &simulation.misuses);
        let options = Options { end, ..Options::default() };
        let text = render(&scenario.program, &scenario.title, &simulation.history, &options);
        let problems = simulation.problems(&scenario);
        print(&(notes + &text))?;
        match problems.is_empty() {
            true => Ok(0),
            false => {
                let message = format!("bear out {}:\n{}", self.scenario, report(&problems, false));
                Err(Failure::new(CORPUS, message))
            }
        }
    }
}

/// The text of the distinct outcomes of random interleavings.
fn outcomes(scenario: &Scenario, first: u64, seeds: u64) -> String {
    let model = Model::new(Config::default(), Readings::own());
    let mut graph = Graph::new(&scenario.program, model, NODES_MAX);
    let mut outcomes = Outcomes::new(&scenario.program);
    for seed in 0..seeds {
        outcomes.add(graph.walk(&mut Random::new(first.wrapping_add(seed))));
    }
    render_outcomes(&scenario.title, outcomes.all())
}
