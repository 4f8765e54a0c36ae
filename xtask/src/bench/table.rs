//! The table: what operations cost on the model beside two stores of others, and how cost grows.
//!
//! The prefixes are made up, or those of a file.

#[path = "../../../conformance/tests/common/prefixes.rs"]
mod prefixes;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::median;

/// Prefixes of a made-up table.
const PREFIXES: usize = 1_000_000;
/// Prefixes of the small table that growth is measured from.
const SMALL: usize = 10_000;
/// Figures of which more is better.
const RATES: [&str; 4] = ["load", "walk", "look-up", "delete"];

/// Measures `rounds` times, each candidate in a process of its own.
pub fn bench(folder: &Path, rounds: u32, file: Option<&Path>) -> Result<u8> {
    let mut all = match file {
        Some(file) => {
            prefixes::read(file).with_context(|| format!("failed to read {}", file.display()))?
        }
        None => prefixes::made_up(PREFIXES),
    };
    mix(&mut all);
    let step = (all.len() / SMALL).max(1);
    let few: Vec<&str> = all.iter().step_by(step).map(String::as_str).collect();
    let (large, small) = (folder.join("prefixes.txt"), folder.join("few.txt"));
    std::fs::write(&large, all.join("\n")).context("failed to write the prefixes")?;
    std::fs::write(&small, few.join("\n")).context("failed to write the prefixes")?;
    let (model, other) = (folder.join("table"), folder.join("routes"));
    for routes in ["1", "3"] {
        let candidates: [(&str, &Path, &str, &Path); 4] = [
            ("model", &model, "model", &large),
            ("model, 10 thousand", &model, "model", &small),
            ("rotonda-store", &other, "rotonda", &large),
            ("prefix-trie + Vec", &other, "trie", &large),
        ];
        let mut figures: BTreeMap<(&str, String), Vec<f64>> = BTreeMap::new();
        for _ in 0..rounds.max(1) {
            for (name, program, how, prefixes) in candidates {
                for (figure, value) in run(program, how, prefixes, routes)? {
                    figures.entry((name, figure)).or_default().push(value);
                }
            }
        }
        println!("{} prefixes, {routes} routes each, median of {rounds} rounds", all.len());
        print(&figures);
    }
    Ok(0)
}

fn run(program: &Path, how: &str, prefixes: &Path, routes: &str) -> Result<Vec<(String, f64)>> {
    let mut command = Command::new(program);
    let output = command.arg(how).arg(prefixes).arg(routes).output();
    let output = output.with_context(|| format!("failed to run {command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let figure = |line: &str| {
        let (name, value) = line.split_once('=')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    Ok(text.lines().filter_map(figure).collect())
}

fn print(figures: &BTreeMap<(&str, String), Vec<f64>>) {
    let of = |name: &'static str, figure: &str| {
        figures.get(&(name, figure.to_owned())).map(|values| median(values))
    };
    for figure in RATES {
        let Some(own) = of("model", figure) else { continue };
        let mut line = format!("  {figure:<9} {own:>10.0} a second");
        if let Some(small) = of("model, 10 thousand", figure) {
            line += &format!(", {:.1} times the cost at 10 thousand", small / own);
        }
        for peer in ["rotonda-store", "prefix-trie + Vec"] {
            if let Some(rate) = of(peer, figure) {
                line += &format!(", {:.2} of {peer} ({rate:.0})", own / rate);
            }
        }
        println!("{line}");
    }
    let bytes = ["model", "rotonda-store", "prefix-trie + Vec"];
    let bytes = bytes.iter().filter_map(|name| Some(format!("{name} {:.0}", of(name, "bytes")?)));
    println!("  bytes a route: {}", bytes.collect::<Vec<_>>().join(", "));
    if let Some(ratio) = of("model", "last-tenth-to-first") {
        println!("  the last tenth of an enumeration costs {ratio:.2} times the first");
    }
}

/// Another order, the same every time: tables are not loaded in the order of their addresses.
fn mix(lines: &mut [String]) {
    let mut chance = 7_u64;
    for at in (1..lines.len()).rev() {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        lines.swap(at, ((chance >> 33) % (at as u64 + 1)) as usize);
    }
}
