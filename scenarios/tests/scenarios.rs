//! The scenario language, seen from outside.

use rtm_scenarios::{corpus, parse, report};

#[test]
fn the_corpus_is_right() {
    for (name, text) in corpus() {
        if let Err(found) = parse(name, text) {
            panic!("{}", report(&found, false));
        }
    }
}
