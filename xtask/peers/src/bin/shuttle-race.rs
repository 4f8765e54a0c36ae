//! The race under shuttle: `shuttle-race ROUNDS SCHEDULES SEED`.
//!
//! Each of three clients makes its four calls so many times. With one round there are 34,650
//! orders, with two more than 9,000,000,000.
//!
//! Prints `schedules=<count> seconds=<wall time> rate=<per second>` and nothing else.

use std::env;
use std::process::ExitCode;
use std::time::Instant;

use shuttle::scheduler::RandomScheduler;
use shuttle::sync::{Arc, Mutex};
use shuttle::{Config, Runner, thread};

use peers::table::{Added, Client, Prefix, Table};

const CLIENT_COUNT: u32 = 3;
const PREFIX: Prefix = (0x0a00_0000, 8);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some((rounds, schedules, seed)) = parse(&arguments) else {
        eprintln!("usage: shuttle-race ROUNDS SCHEDULES SEED, ROUNDS and SCHEDULES at least 1");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let run = explore(rounds, schedules, seed, |_| {});
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(run, schedules, "the scheduler stopped early");
    println!("schedules={run} seconds={seconds:.6} rate={:.1}", run as f64 / seconds);
    ExitCode::SUCCESS
}

fn parse(arguments: &[String]) -> Option<(usize, usize, u64)> {
    let [rounds, schedules, seed] = arguments else { return None };
    let count = |text: &String| text.parse().ok().filter(|count| 1 <= *count);
    Some((count(rounds)?, count(schedules)?, seed.parse().ok()?))
}

/// Runs the race once per schedule and returns how many there were.
///
/// The observer is told of each call, in the order in which they happened.
fn explore<F: Fn(Client) + Copy + Send + Sync + 'static>(
    rounds: usize,
    schedules: usize,
    seed: u64,
    observe: F,
) -> usize {
    let mut config = Config::new();
    config.silence_warnings = true;
    let scheduler = RandomScheduler::new_from_seed(seed, schedules);
    Runner::new(scheduler, config).run(move || race(rounds, observe))
}

fn race(rounds: usize, observe: impl Fn(Client) + Copy + Send + 'static) {
    let mut table = Table::default();
    // The metrics are distinct, so that each look-up has one best route.
    let clients: Vec<(Client, u32)> =
        (1..=CLIENT_COUNT).map(|metric| (table.register(), metric)).collect();
    let table = Arc::new(Mutex::new(table));
    let spawn = |&(client, metric): &(Client, u32)| {
        let table = Arc::clone(&table);
        thread::spawn(move || {
            for _ in 0..rounds {
                calls(&table, client, metric, observe);
            }
        })
    };
    let threads: Vec<_> = clients.iter().map(spawn).collect();
    for thread in threads {
        thread.join().expect("the thread of a client ends well");
    }
    let table = table.lock().expect("no client panicked");
    assert_eq!(table.route_count(), 0, "a route is left");
    for (client, _) in clients {
        assert_eq!(table.reference_count(client), 0, "{client:?} still holds a reference");
    }
}

/// The four calls of one client in one round, each under one lock of its own.
fn calls(table: &Mutex<Table>, client: Client, metric: u32, observe: impl Fn(Client)) {
    let locked = || {
        let guard = table.lock().expect("no client panicked");
        observe(client);
        guard
    };
    let added = locked().add(client, PREFIX, metric);
    assert_eq!(added, Added::Created, "each client deletes what it added");

    // The route of this client is live until its last call, so there is a best one.
    let best = locked().look_up(client, PREFIX).expect("a route is found");
    assert!(best.metric <= metric, "{best:?} is worse than the route of {client:?}");
    assert!(best.metric != metric || best.owner == client, "{best:?} has the metric of {client:?}");

    assert!(locked().release(client, PREFIX, best.id), "the reference is there until now");
    assert!(locked().delete(client, PREFIX), "only its owner deletes the route");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::mem;
    // The record is outside the race, so it must not be a mutex that shuttle schedules.
    use std::sync::Mutex;

    use super::*;

    const CALL_COUNT: usize = 4 * CLIENT_COUNT as usize;

    #[test]
    fn explores_different_orders_and_repeats_them() {
        let first = orders(1, 500, 7);
        assert_eq!(first.len(), 500);

        // There are 12! / 4!^3 = 34650 orders, so that few of 500 repeat.
        let distinct: BTreeSet<&Vec<Client>> = first.iter().collect();
        assert!(450 <= distinct.len(), "only {} distinct orders", distinct.len());
        let starters: BTreeSet<Client> = first.iter().map(|order| order[0]).collect();
        assert_eq!(starters.len(), CLIENT_COUNT as usize, "each client is first at times");

        assert_eq!(orders(1, 500, 7), first, "the same seed repeats");
        assert_ne!(orders(1, 500, 8), first, "another seed differs");

        // Of the orders of two rounds none comes twice among so few.
        let second = orders(2, 500, 7);
        let distinct: BTreeSet<&Vec<Client>> = second.iter().collect();
        assert_eq!(distinct.len(), 500);
    }

    /// The order of the calls in each schedule; for one test only, as the record is shared.
    fn orders(rounds: usize, schedules: usize, seed: u64) -> Vec<Vec<Client>> {
        static RECORD: Mutex<Vec<Client>> = Mutex::new(Vec::new());
        let record = |client| RECORD.lock().expect("not poisoned").push(client);
        explore(rounds, schedules, seed, record);
        let record = mem::take(&mut *RECORD.lock().expect("not poisoned"));
        let orders = record.chunks_exact(rounds * CALL_COUNT);
        assert!(orders.remainder().is_empty(), "each schedule makes all calls");
        orders.map(<[Client]>::to_vec).collect()
    }

    #[test]
    fn parses_three_numbers() {
        let parsed = |line: &str| {
            let arguments: Vec<String> = line.split_whitespace().map(String::from).collect();
            parse(&arguments)
        };
        assert_eq!(parsed("2 10 3"), Some((2, 10, 3)));
        for wrong in ["", "10", "1 10", "0 1 3", "1 0 3", "1 10 x", "1 10 3 1", "1 -1 3"] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }
}
