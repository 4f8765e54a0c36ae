//! Which scenarios run: filters, parts and shards.

use super::Case;
use super::run::{Folder, Outcome, check, expect, rtm};

pub const CASES: &[Case] = &[
    ("list_exact_skip", |f| {
        let one = listed(f, "conform --list --exact registration/first-call", &[])?;
        same(&one, &[String::from("registration/first-call: scenario")])?;
        let all = listed(f, "conform --list", &[])?;
        let some = listed(f, "conform --list registration races", &[])?;
        let rest = listed(f, "conform --list --skip registration --skip races", &[])?;
        covers(&all, vec![some, rest])?;
        let named = listed(f, "list", &[])?;
        let first = |line: &String| line.split_whitespace().next().map(String::from);
        let named: Vec<String> = named.iter().filter_map(first).collect();
        let all: Vec<String> = all.iter().map(|line| line.replace(": scenario", "")).collect();
        same(&all, &named)
    }),
    ("parts_cover_everything_once", |f| {
        let all = listed(f, "conform --list", &[])?;
        let part = |m| listed(f, &format!("conform --list --partition hash:{m}/4"), &[]);
        covers(&all, (1..=4).map(part).collect::<Result<_, _>>()?)
    }),
    ("shards_cover_everything_once", |f| {
        let all = listed(f, "conform --list", &[])?;
        let shard = |m: u32| {
            let variables = [("TEST_TOTAL_SHARDS", "3"), ("TEST_SHARD_INDEX", &m.to_string())];
            listed(f, "conform --list", &variables)
        };
        covers(&all, (0..3).map(shard).collect::<Result<_, _>>()?)
    }),
    ("shard_that_is_empty_passes", |f| {
        // Of so many shards at most one holds the scenario.
        let mut empty = 0;
        for index in ["0", "1"] {
            let words = ["conform", "--exact", "registration/first-call"];
            let reports = ["--report", "json=x.json", "--report", "junit=x.xml"];
            let mut command = rtm(f, &words);
            command.env("TEST_TOTAL_SHARDS", "2").env("TEST_SHARD_INDEX", index);
            let said = expect(command.args(reports), 0, &[])?;
            let is_empty = said.out == "no scenario falls to this shard\n";
            empty += u32::from(is_empty);
            let text = |name| std::fs::read_to_string(f.at(name)).map_err(|e| e.to_string());
            let (json, junit) = (text("x.json")?, text("x.xml")?);
            let count = junit.matches("<testcase ").count();
            if count != usize::from(!is_empty) || (count == 1) != json.contains("first-call") {
                return Err(json + &junit);
            }
            let _ = (std::fs::remove_file(f.at("x.json")), std::fs::remove_file(f.at("x.xml")));
        }
        if empty == 1 { Ok(()) } else { Err(format!("{empty} shards are empty")) }
    }),
    ("shard_is_acknowledged", |f| {
        let variables = [
            ("TEST_TOTAL_SHARDS", "2"),
            ("TEST_SHARD_INDEX", "0"),
            ("TEST_SHARD_STATUS_FILE", "status"),
        ];
        listed(f, "conform --list", &variables)?;
        if f.at("status").exists() { Ok(()) } else { Err(String::from("no status file")) }
    }),
    ("bad_shards", |f| {
        bad_shard(f, &[("TEST_TOTAL_SHARDS", "x"), ("TEST_SHARD_INDEX", "0")], "`x` is not a")?;
        bad_shard(f, &[("TEST_TOTAL_SHARDS", "2"), ("TEST_SHARD_INDEX", "2")], "shard 2 of 2")?;
        bad_shard(f, &[("TEST_TOTAL_SHARDS", "0"), ("TEST_SHARD_INDEX", "0")], "shard 0 of 0")?;
        bad_shard(f, &[("TEST_TOTAL_SHARDS", "2")], "set both or none")?;
        bad_shard(f, &[("TEST_SHARD_INDEX", "2")], "set both or none")
    }),
    ("bad_parts", |f| {
        for part in ["hash:0/2", "hash:3/2", "hash:1", "count:1/2", "x"] {
            let line = format!("conform --partition {part}");
            check(f, &line, 2, &[part, "it has the form hash:M/N"])?;
        }
        Ok(())
    }),
];

/// What a command lists.
fn listed(folder: &Folder, line: &str, env: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let said = expect(rtm(folder, &words).envs(env.iter().copied()), 0, &[])?;
    Ok(said.out.lines().map(String::from).collect())
}

fn bad_shard(folder: &Folder, env: &[(&str, &str)], piece: &str) -> Outcome {
    let mut command = rtm(folder, &["conform", "--list"]);
    expect(command.envs(env.iter().copied()), 2, &["error: failed to ", piece]).map(drop)
}

fn covers(all: &[String], parts: Vec<Vec<String>>) -> Outcome {
    if parts.iter().any(Vec::is_empty) {
        return Err(String::from("a part is empty"));
    }
    let mut together = parts.concat();
    together.sort();
    let mut all = all.to_vec();
    all.sort();
    same(&together, &all)
}

fn same(found: &[String], wanted: &[String]) -> Outcome {
    match found == wanted {
        true => Ok(()),
        false => Err(format!("{} lines, {} are expected", found.len(), wanted.len())),
    }
}
