//! What a list tells of a scenario, read without the rest of it.

use rtm_scenarios::{Heading, corpus, heading, parse};

#[test]
fn of_each_scenario_that_is_built_in_the_heading_can_be_read_alone() {
    for (name, text) in corpus() {
        let whole = parse(name, text).expect("the corpus is right");
        let expect = Heading { title: whole.title, schedules: whole.schedules };
        assert_eq!(heading(name, text), Some(expect), "{name}");
    }
}

#[test]
fn a_heading_that_is_not_whole_is_none() {
    let check = |text: &str| assert_eq!(heading("mine", text), None, "{text}");
    check("");
    check("[client]\ntitle = \"within a table\"");
    check("title = 7");
    check("title = \"open");
    check("title = \"too many\"\nschedules = { interleave = true, seeds = 10001 }");
}
