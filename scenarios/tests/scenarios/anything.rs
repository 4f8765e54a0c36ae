//! Whatever the text, reading it ends in a scenario or in mistakes that can be shown.

use proptest::prelude::*;
use rtm_scenarios::{corpus, parse, report};

/// Reads a text and shows what is wrong with it; the places must lie in the text.
fn survive(text: &str) {
    if let Err(found) = parse("any", text) {
        assert!(!found.is_empty());
        for mistake in &found {
            assert!(text.get(mistake.span.clone()).is_some(), "{mistake}");
            assert!(0 < mistake.line && 0 < mistake.column);
        }
        report(&found, true);
    }
}

fn manual() -> &'static str {
    corpus().find(|(name, _)| *name == "readme").expect("there is a manual").1
}

/// Pieces that are often right somewhere else.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "=",
    ".",
    "\n",
    "#",
    "\"NULL\"",
    "{i}",
    "repeat = 3",
    "999999999",
    "-1",
    "true",
    "\"a\"",
    "\"d.Route\"",
    "[0]",
    "\"f[0].DestHandle\"",
    "\u{202e}",
    "\0",
    "\r",
    "[[step]]\n",
    "call = \"RtmGetEnumDests\"\n",
    "by = \"rip\"\n",
    "bind = \"a\"\n",
    "10.0.0.0/8",
    "::",
    " + 1",
    " - 1",
    "hazard = true\n",
    "{ never = 1 }",
    "\u{fffd}",
    "write = \"p\"\n",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survive(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn pieces_are_survived(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        survive(&pieces.concat());
    }

    #[test]
    fn mutations_are_survived(
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..12_usize, prop::sample::select(PIECES)),
            1..6,
        ),
    ) {
        let mut characters: Vec<char> = manual().chars().collect();
        for (at, length, piece) in edits {
            let start = at.index(characters.len());
            let end = (start + length).min(characters.len());
            characters.splice(start..end, piece.chars());
        }
        survive(&String::from_iter(characters));
    }

    #[test]
    fn cut_lines_are_survived(lines in prop::collection::vec(any::<prop::sample::Index>(), 1..8)) {
        let mut kept: Vec<&str> = manual().lines().collect();
        for line in lines {
            kept.remove(line.index(kept.len()));
        }
        survive(&kept.join("\n"));
    }
}
