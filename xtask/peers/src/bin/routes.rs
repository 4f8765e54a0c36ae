//! A table of routes in stores of others: `routes trie|rotonda FILE ROUTES`.
//!
//! Loads the prefixes of a file, one a line, with so many routes each, and chooses the best route
//! of each of two views anew at each change. What the stores do not do, they are not made to do:
//! no handles, no counts, no owners that could be asked for. `trie` is prefix-trie with a list of
//! routes at each prefix; `rotonda` is rotonda-store with four bytes a route.
//! Prints `<figure>=<value>`, one a line: `load` routes a second, `bytes` a route, `walk`
//! destinations a second, `look-up` best routes a second, `delete` routes a second.
//! rotonda-store keeps what is withdrawn, so it is not asked to delete, and walks no best routes.

use std::env;
use std::fs;
use std::net::IpAddr;
use std::process::ExitCode;
use std::time::Instant;

use ipnet::IpNet;
use prefix_trie::PrefixMap;

const VIEWS: usize = 2;

#[derive(Clone, Copy)]
struct Route {
    owner: u32,
    preference: u32,
    metric: u32,
    views: u32,
    next_hop: u32,
}

#[derive(Default)]
struct Dest {
    routes: Vec<Route>,
    best: [Option<u32>; VIEWS],
}

impl Dest {
    fn choose(&mut self) {
        for (view, best) in self.best.iter_mut().enumerate() {
            let of_view = self.routes.iter().filter(|r| r.views >> view & 1 == 1);
            let first = of_view.min_by_key(|r| (r.preference, r.metric, r.owner));
            *best = first.map(|route| route.owner);
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [store, file, routes] = arguments[..] else { return usage() };
    let (Some(prefixes), Ok(routes)) = (prefixes(file), routes.parse()) else { return usage() };
    match store {
        "trie" => trie(&prefixes, routes),
        "rotonda" => rotonda(&prefixes, routes),
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: routes trie|rotonda FILE ROUTES, FILE holds a prefix a line");
    ExitCode::from(2)
}

fn prefixes(file: &str) -> Option<Vec<(IpAddr, u8)>> {
    let text = fs::read_to_string(file).ok()?;
    let prefix = |line: &str| {
        let (address, length) = line.split_once('/')?;
        Some((address.parse().ok()?, length.parse().ok()?))
    };
    text.lines().map(prefix).collect()
}

/// The routes in the order in which they are added: all of one owner, then all of the next.
fn route(owner: u32, chance: &mut u64) -> Route {
    *chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    let (preference, metric) = (1 + (*chance >> 60) as u32, (*chance >> 40) as u32 % 100);
    Route { owner, preference, metric, views: 3, next_hop: owner }
}

fn trie(prefixes: &[(IpAddr, u8)], routes: u32) {
    let nets: Vec<IpNet> =
        prefixes.iter().map(|(a, l)| IpNet::new(*a, *l).expect("a valid length")).collect();
    let before = heap();
    let mut v4: PrefixMap<ipnet::Ipv4Net, Dest> = PrefixMap::new();
    let mut v6: PrefixMap<ipnet::Ipv6Net, Dest> = PrefixMap::new();
    let mut chance = 1;
    timed("load", nets.len() * routes as usize, || {
        for owner in 0..routes {
            for net in &nets {
                let dest = match net {
                    IpNet::V4(net) => v4.entry(*net).or_default(),
                    IpNet::V6(net) => v6.entry(*net).or_default(),
                };
                dest.routes.push(route(owner, &mut chance));
                dest.choose();
            }
        }
    });
    println!("bytes={:.0}", (heap() - before) as f64 / (nets.len() * routes as usize) as f64);
    let mut seen = 0_u64;
    timed("walk", nets.len(), || {
        let best = |dest: &Dest| u64::from(dest.best[0].unwrap_or(0)) + 1;
        seen += v4.iter().map(|(_, dest)| best(dest)).sum::<u64>();
        seen += v6.iter().map(|(_, dest)| best(dest)).sum::<u64>();
    });
    timed("look-up", nets.len(), || {
        for at in shuffled(nets.len()) {
            let dest = match &nets[at] {
                IpNet::V4(net) => v4.get(net),
                IpNet::V6(net) => v6.get(net),
            };
            seen += dest.map_or(0, |dest| u64::from(dest.best[0].unwrap_or(0)) + 1);
        }
    });
    timed("delete", nets.len(), || {
        for at in shuffled(nets.len()) {
            let dest = match &nets[at] {
                IpNet::V4(net) => v4.get_mut(net),
                IpNet::V6(net) => v6.get_mut(net),
            };
            let Some(dest) = dest else { continue };
            dest.routes.retain(|route| route.owner != 0);
            dest.choose();
            seen += dest.routes.iter().map(|route| u64::from(route.next_hop)).sum::<u64>();
        }
    });
    assert!(nets.len() as u64 <= seen, "the table was read");
}

fn rotonda(prefixes: &[(IpAddr, u8)], routes: u32) {
    use inetnum::addr::Prefix;
    use rotonda_store::epoch;
    use rotonda_store::prefix_record::{Record, RouteStatus};
    use rotonda_store::rib::StarCastRib;
    use rotonda_store::rib::config::MemoryOnlyConfig;
    use rotonda_store::test_types::PrefixAs;

    let nets: Vec<Prefix> =
        prefixes.iter().map(|(a, l)| Prefix::new(*a, *l).expect("a valid length")).collect();
    let before = heap();
    let store = StarCastRib::<PrefixAs, MemoryOnlyConfig>::try_default().expect("a store");
    let mut chance = 1;
    timed("load", nets.len() * routes as usize, || {
        for owner in 0..routes {
            for net in &nets {
                let meta = PrefixAs::new_from_u32(route(owner, &mut chance).preference);
                let record = Record::new(owner + 1, 0, RouteStatus::Active, meta);
                store.insert(net, record, Some(())).expect("room");
            }
        }
    });
    println!("bytes={:.0}", (heap() - before) as f64 / (nets.len() * routes as usize) as f64);
    let guard = epoch::pin();
    let mut found = 0;
    timed("look-up", nets.len(), || {
        for at in shuffled(nets.len()) {
            found += usize::from(store.best_path(&nets[at], &guard).is_some());
        }
    });
    assert_eq!(found, nets.len(), "every prefix was found");
}

fn timed(figure: &str, count: usize, what: impl FnOnce()) {
    let start = Instant::now();
    what();
    println!("{figure}={:.0}", count as f64 / start.elapsed().as_secs_f64());
}

/// The numbers below `count`, each once, far apart.
fn shuffled(count: usize) -> impl Iterator<Item = usize> {
    let divides = |step: usize| {
        let (mut a, mut b) = (step, count);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a == 1
    };
    let step = (count / 3 * 2 + 1..).find(|step| divides(*step)).unwrap_or(1);
    (0..count).scan(0_usize, move |at, _| {
        *at = (*at + step) % count.max(1);
        Some(*at)
    })
}

/// Bytes of the heap in use.
fn heap() -> usize {
    // SAFETY: the call only reads.
    let info = unsafe { libc::mallinfo2() };
    info.uordblks + info.hblkhd
}
