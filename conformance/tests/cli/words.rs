//! What commands print: all that is asked for, and no more.

use super::Case;
use super::run::{check, expect, rtm};

/// A scenario, and a reading that makes it show one choice.
const ONE_CHOICE: (&str, &str) = (
    "registration/opaque-slot-asked-for-with-2",
    "RtmRegisterEntity.reserve-opaque-nonzero=only-one",
);

pub const CASES: &[Case] = &[
    ("quiet_tells_failures_only", |f| {
        let names = ["registration/first-call", "routes/views-changed"];
        let mut command = rtm(f, &["conform", "--quiet", "--exact"]);
        command.args(names).env("RTM_REFERENCE_READINGS", "RtmAddRouteToDest.output-new=never");
        let pieces = ["differ      routes/views-changed", "repeat: ", "1 passed, 1 failed"];
        let said = expect(&mut command, 100, &pieces)?;
        if said.out.contains(names[0]) { Err(said.out) } else { Ok(()) }
    }),
    ("one_choice_is_singular", |f| {
        for (command, piece) in [("conform", "1 own choice, see"), ("profile", "1 own choice\n")] {
            let mut command = rtm(f, &[command, "--exact", ONE_CHOICE.0]);
            command.env("RTM_REFERENCE_READINGS", ONE_CHOICE.1);
            expect(&mut command, 0, &[piece])?;
        }
        Ok(())
    }),
    ("clause_whose_id_begins_others", |f| {
        let said =
            expect(&mut rtm(f, &["clauses", "RtmReferenceHandles.count"]), 0, &["source: "])?;
        if said.out.contains("count-limit") { Err(said.out) } else { Ok(()) }
    }),
    ("all_scenarios_of_a_clause", |f| {
        let id = "RtmAddRouteToDest.adds-new-route";
        check(f, &format!("clauses {id}"), 0, &[" more, see --all"])?;
        let said = expect(&mut rtm(f, &["clauses", "--all", id]), 0, &["cited by: "])?;
        if said.out.contains(" more") { Err(said.out) } else { Ok(()) }
    }),
    ("clause_that_is_misspelt", |f| {
        check(f, "clauses RtmAddNextHp", 4, &["did you mean `RtmAddNextHop`?"])?;
        check(f, "clauses RtmReferenceHandles.cuont", 4, &["`RtmReferenceHandles.count`?"])?;
        check(f, "clauses zzzzzzzz", 4, &["find a clause for `zzzzzzzz`: `rtm clauses` lists"])
    }),
];
