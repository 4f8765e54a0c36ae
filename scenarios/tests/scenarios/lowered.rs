//! What steps come down to.

use rtm_scenarios::{Limit, Scenario, Schedules, corpus, parse, report};
use rtm_sim::program::Action;
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::status::Status;

const HEAD: &str = "format = 1\ntitle = \"t\"\nclient.rip = { protocol = 8 }\n";

fn scenario(text: &str) -> Scenario {
    parse("name", text).unwrap_or_else(|found| panic!("{}", report(&found, false)))
}

/// The canonical text of the last line that some steps come down to.
fn last(steps: &str) -> String {
    let text = scenario(&format!("{HEAD}{steps}")).program.canonical();
    text.lines().last().expect("there are steps").to_owned()
}

#[test]
fn the_manual_comes_down_to_this() {
    let (_, text) = corpus().find(|(name, _)| *name == "readme").expect("there is a manual");
    insta::assert_snapshot!("readme", scenario(text).program.canonical());
}

/// A use of each word of the canonical text that is not in the manual.
const SPELLINGS: &str = r#"format = 1
title = "t"
[client.rip]
protocol = 8
reserve-opaque = true
on.RTM_ROUTE_EXPIRED = { bind = "x", return = "ERROR_NOT_SUPPORTED", steps = [
    { read = "x.Context2" },
] }
[client.bgp]
protocol = 14
methods = [true, false, true]
method.0 = { untouched = ["method-status"], output-data = [1, 0xAB] }
method.2 = { method-status = 7, untouched = ["method-type", "output-size"], output-data = "input" }
[[given]]
by = "rip"
call = "RtmAddNextHop"
next-hop-info = { next-hop-address = "10.0.0.1" }
bind = "a"
[[given]]
by = "rip"
call = "RtmAddRouteToDest"
dest-address = "10.0.0.0/8"
route-info = { next-hops = ["a"] }
bind = "r"
[[given]]
by = "rip"
call = "RtmGetExactMatchDestination"
dest-address = "10.0.0.0/8"
bind = "d"
[[step]]
by = "rip"
call = "RtmLockRoute"
route-handle = "r"
lock-route = true
bind = "p"
[[step]]
by = "rip"
write = "p.RoutePointer"
metric = 9
[[step]]
by = "rip"
call = "RtmGetNextHopPointer"
next-hop-handle = "a"
bind = "q"
[[step]]
by = "rip"
read = "q.NextHopPointer"
[[step]]
by = "rip"
call = "RtmGetOpaqueInformationPointer"
dest-handle = "d.DestInfo"
bind = "o"
[[step]]
by = "rip"
write = "o.OpaqueInfoPointer"
value = 5
[[step]]
by = "rip"
call = "RtmInvokeMethod"
entity-handle = "bgp"
input = { method-type = 0x5, input-data = [1, 0xCD] }
[[then]]
by = "rip"
advance = 10
[[then]]
by = "rip"
settle = true
"#;

/// Tokens outlive releases. Whoever changes a digest breaks every token that is written down.
#[test]
fn digests_stay_as_they_are() {
    let program = scenario(SPELLINGS).program;
    insta::assert_snapshot!("spellings", program.canonical());
    assert_eq!(format!("{:016x}", program.digest()), "4b4dd1bdd26de2ed");
}

#[test]
fn what_is_left_out_has_a_value() {
    let check = |steps: &str, expect: &str| assert_eq!(last(steps), expect);
    let step = |body: &str| format!("[[step]]\n{body}\n");
    let hop = step("call = \"RtmAddNextHop\"\nnext-hop-info = {}\nbind = \"a\"");
    check(&hop, "step 0 RtmAddNextHop($0.5,{InterfaceIndex=1 },&null,&,) = 1");
    let fetch = step("call = \"RtmGetEnumRoutes\"\nenum-handle = \"NULL\"\nbind = \"f\"");
    check(&fetch, "step 0 RtmGetEnumRoutes($0.5,null,&$0.4[0]MaxHandlesInEnum[0]+0,&,) = 1");
    let release = step("call = \"RtmReleaseRoutes\"\nroute-handles = \"f\"");
    check(&(fetch.clone() + &release), "step 0 RtmReleaseRoutes($0.5,$1.2+0,all:$1.3,)");
    let one = step("call = \"RtmReleaseRoutes\"\nroute-handles = [\"f[3]\"]");
    check(&(fetch + &one), "step 0 RtmReleaseRoutes($0.5,1,[$1.3[3][0] ],)");
    check(
        &step("call = \"RtmCreateRouteEnum\""),
        "step 0 RtmCreateRouteEnum($0.5,null,0,0,null,0,null,0,&,)",
    );
    check(&step("call = \"RtmRegisterEntity\""), "step 0 RtmRegisterEntity(0:2:8:1,null,&,0,&,&,)");
}

#[test]
fn destinations_are_taken_apart() {
    let dest = "[[given]]\ncall = \"RtmGetExactMatchDestination\"\n\
                dest-address = \"10.0.0.0/8\"\nbind = \"d\"\n";
    let check = |step: &str, expect: &str| {
        assert_eq!(last(&format!("{dest}[[step]]\n{step}\n")), format!("step 0 {expect}"));
    };
    let route = |path: &str| format!("call = \"RtmIsBestRoute\"\nroute-handle = \"{path}\"");
    check(&route("d.Route"), "RtmIsBestRoute($0.5,$1.4[0]Route[0],&,)");
    check(&route("d.ViewInfo[1].HoldRoute"), "RtmIsBestRoute($0.5,$1.4[0]HoldRoute[1],&,)");
    check(&route("d.DestInfo.ViewInfo[1].Route"), "RtmIsBestRoute($0.5,$1.4[0]Route[1],&,)");
    check(
        "call = \"RtmHoldDestination\"\ndest-handle = \"d\"\nhold-time = \"d.NumRoutes - 1\"",
        "RtmHoldDestination($0.5,$1.4[0]DestHandle[0],1,$1.4[0]NumRoutes[0]-1,)",
    );
    check(
        "call = \"RtmGetExactMatchDestination\"\ndest-address = \"d.DestAddress\"",
        "RtmGetExactMatchDestination($0.5,$1.4[0]DestAddress[0],0,1,&,)",
    );
    check(
        "call = \"RtmReleaseDestInfo\"\ndest-info = \"d\"",
        "RtmReleaseDestInfo($0.5,{from $1.4 },)",
    );
}

#[test]
fn hazards_pass_when_they_are_marked() {
    let check = |step: &str, expect: &str| {
        let hop = "[[given]]\ncall = \"RtmAddNextHop\"\nnext-hop-info = {}\nbind = \"a\"\n";
        let text = last(&format!("{hop}[[step]]\nhazard = true\n{step}\n"));
        assert_eq!(text, format!("step 0 {expect}"));
    };
    check("call = \"RtmIsBestRoute\"\nroute-handle = \"a\"", "RtmIsBestRoute($0.5,$1.2,&,)");
    check(
        "call = \"RtmIsBestRoute\"\nroute-handle = { never = 0xFFFF_FFFF_FFFF_FFFF }",
        "RtmIsBestRoute($0.5,never:18446744073709551615,&,)",
    );
    check(
        "call = \"RtmIsBestRoute\"\nroute-handle = \"NULL\"\nbest-in-views = \"NULL\"",
        "RtmIsBestRoute($0.5,null,null,)",
    );
}

#[test]
fn clients_can_be_named_in_several_ways() {
    let check = |text: &str, expect: &str| {
        let head = "format = 1\ntitle = \"t\"\n";
        let canonical = scenario(&format!("{head}{text}")).program.canonical();
        assert_eq!(canonical.lines().last(), Some(expect));
    };
    let by_hand = "client.rip = { protocol = 8, register = \"by-hand\", methods = [true, false] }\n\
                   [[step]]\ncall = \"RtmRegisterEntity\"\n";
    let leave = "[[step]]\ncall = \"RtmDeregisterEntity\"\n";
    check(by_hand, "step 0 RtmRegisterEntity(0:2:8:1,methods:[true, false],&,0,&,&,) = 0");
    check(&format!("{by_hand}{leave}"), "step 0 RtmDeregisterEntity($0.5,)");
    check(&format!("{by_hand}bind = \"rip\"\n{leave}"), "step 0 RtmDeregisterEntity($0.5,)");
    let two = "client.rip = { protocol = 8 }\nclient.ospf = { protocol = 13, instance = 2 }\n\
               [[given]]\nby = \"rip\"\ncall = \"RtmGetEntityInfo\"\nentity-handle = \"ospf\"\n\
               bind = \"who\"\n[[step]]\nby = \"rip\"\ncall = \"RtmReleaseEntityInfo\"\n";
    let expect = "step 0 RtmReleaseEntityInfo($0.5,0:2:13:2,)";
    check(&format!("{two}entity-info = \"who\"\n"), expect);
    check(&format!("{two}entity-info = \"ospf\"\n"), expect);
    let table = "entity-info = { entity-protocol-id = 13, entity-instance-id = 2 }\n";
    check(&format!("{two}{table}"), expect);
}

#[test]
fn direct_pointers_are_read_and_written() {
    let opaque = "[[given]]\ncall = \"RtmGetOpaqueInformationPointer\"\n\
                  dest-handle = \"NULL\"\nbind = \"o\"\n";
    let check = |step: &str, expect: &str| {
        assert_eq!(last(&format!("{opaque}[[step]]\n{step}\n")), format!("step 0 {expect}"));
    };
    check("write = \"o\"\nvalue = 7", "write Opaque $1.2 =7");
    check("read = \"o.OpaqueInfoPointer\"", "read Opaque $1.2");
    let seen = "read = \"o\"\nbind = \"seen\"\n[[step]]\nadvance = \"seen + 1\"";
    check(seen, "advance $2.250+1");
}

#[test]
fn callbacks_are_told_apart() {
    let text = "format = 1\ntitle = \"t\"\n[client.rip]\nprotocol = 8\n\
                [client.rip.on.RTM_ROUTE_EXPIRED]\nbind = \"event\"\n\
                steps = [{ call = \"RtmReleaseRoutes\", route-handles = [\"event\"] }]\n\
                [client.rip.on.RTM_CHANGE_NOTIFICATION]\nbind = \"event\"\n\
                steps = [{ call = \"RtmGetChangedDests\", notify-handle = \"event.Context1\",\n\
                bind = \"found\" }, { call = \"RtmReleaseChangedDests\",\n\
                notify-handle = \"event.Context1\", changed-dests = \"found\" }]\n";
    let program = scenario(text).program;
    let reactions = &program.actors[0].reactions;
    assert_eq!(reactions.iter().map(|r| r.steps.len()).collect::<Vec<_>>(), [1, 2]);
    assert_ne!(reactions[0].label, reactions[1].label);
    let canonical = program.canonical();
    assert!(canonical.contains("0 RtmReleaseRoutes($0.5,1,[$1.252 ],)"), "{canonical}");
    assert!(
        canonical.contains("RtmReleaseChangedDests($0.5,$2.252,$3.2+0,all:$3.3,)"),
        "{canonical}"
    );
}

#[test]
fn repeated_steps_are_counted_off() {
    let text = "[[step]]\ncall = \"RtmAddRouteToDest\"\nrepeat = 1000\nbind = \"r{i}\"\n\
                dest-address = \"10.0.0.0/24 + {i}\"\n\
                route-info = { metric = \"{i} + 1\" }\n\
                [[then]]\ncall = \"RtmReleaseRoutes\"\nroute-handles = [\"r999\"]\n";
    let program = scenario(&format!("{HEAD}{text}")).program;
    assert_eq!(program.concurrent.len(), 1000);
    let canonical = program.canonical();
    let line = canonical.lines().find(|line| line.contains("10.1.44.0/24")).expect("a step");
    assert!(line.contains("PrefInfo.Metric=301 "), "{line}");
    let most = format!("{HEAD}[[step]]\nadvance = \"{{i}}\"\nrepeat = 199_999\n");
    assert_eq!(scenario(&most).program.steps.len(), 200_000);
}

#[test]
fn steps_carry_what_is_said_of_them() {
    let text = "[[step]]\ncall = \"RtmCreateRouteList\"\nexpect = \"NO_ERROR\"\n\
                either = [\"ERROR_NOT_ENOUGH_MEMORY\"]\n";
    let scenario = scenario(&format!("{HEAD}{text}"));
    let step = scenario.program.steps.last().expect("a step");
    assert_eq!(step.expect, Some(Status::NO_ERROR));
    assert_eq!(step.accept, [Status::ERROR_NOT_ENOUGH_MEMORY]);
    assert_eq!(step.line, 4);
    assert_eq!(scenario.schedules, Schedules::Listed);
    assert!(scenario.cleanup);
}

#[test]
fn standard_values_change_no_digest_when_written_out() {
    let digest = |info: &str| {
        let step = "[[step]]\ncall = \"RtmAddRouteToDest\"\ndest-address = \"10.0.0.0/8\"";
        scenario(&format!("{HEAD}{step}\nroute-info = {info}\n")).program.digest()
    };
    assert_eq!(digest("{}"), digest("{ belongs-to-views = 1, preference = 10, metric = 1 }"));
    assert_ne!(digest("{}"), digest("{ metric = 2 }"));
}

#[test]
fn comments_and_layout_change_no_digest() {
    let step = "[[step]]\ncall = \"RtmCreateRouteList\"\nbind = \"l\"\n";
    let plain = scenario(&format!("{HEAD}{step}"));
    let other = scenario(
        "# A comment.\ntitle = \"other\"\nformat = 1\nthreads = false\n\n[client.rip]\n\
         protocol = \"PROTO_IP_RIP\"\n[[step]]\nbind = \"list\"\ncall = 'RtmCreateRouteList'\n",
    );
    assert_eq!(plain.program.digest(), other.program.digest());
}

#[test]
fn the_file_says_what_it_needs() {
    let scenario = scenario(
        "format = 1\ntitle = \"t\"\nsee = \"page\"\ncleanup = \"none\"\n\
         schedules = { interleave = true, seeds = 8 }\n\
         requires = { views = 2, max-handles = { most = 10 }, families = [\"AF_INET6\"] }\n\
         client.rip = { protocol = 8, on.RTM_ROUTE_EXPIRED = { return = 50, steps = [] } }\n",
    );
    assert_eq!(scenario.schedules, Schedules::Interleave { seeds: 8 });
    assert_eq!(scenario.requires.views, Limit { least: 2, most: u32::MAX });
    assert_eq!(scenario.requires.max_handles, Limit { least: 0, most: 10 });
    assert_eq!(scenario.requires.families, [23]);
    assert_eq!(scenario.see, ["page"]);
    assert!(!scenario.cleanup);
    assert_eq!(scenario.program.actors[0].reactions[0].returns, 50);
}

#[test]
fn each_function_can_be_called() {
    for function in Function::ALL {
        let text = format!("{HEAD}[[step]]\ncall = \"{}\"\n", function.name());
        let found = match parse("name", &text) {
            Ok(scenario) => {
                let step = scenario.program.steps.last().expect("a step");
                let Action::Call { arguments, .. } = &step.action else { panic!("a call") };
                assert_eq!(arguments.len(), function.parameters().len());
                continue;
            }
            Err(found) => found,
        };
        // What is missing is named, and nothing else is wrong.
        for diagnostic in found {
            assert_eq!(diagnostic.code.id(), "RTM0006", "{diagnostic}");
        }
    }
}

#[test]
fn the_largest_scenario_is_read_in_time() {
    let text = "[[given]]\ncall = \"RtmAddNextHop\"\nnext-hop-info = {}\nbind = \"a\"\n\
                [[step]]\ncall = \"RtmAddRouteToDest\"\nrepeat = 63_000\nbind = \"r{i}\"\n\
                dest-address = \"10.0.0.0/32 + {i}\"\nroute-info = { next-hops = [\"a\"] }\n\
                [[step]]\ncall = \"RtmReleaseRoutes\"\nrepeat = 63_000\n\
                route-handles = [\"r{i}\"]\n";
    let start = std::time::Instant::now();
    assert_eq!(scenario(&format!("{HEAD}{text}")).program.steps.len(), 126_002);
    // A machine that is busy may take long; going through all labels each time takes longer.
    assert!(start.elapsed() < std::time::Duration::from_secs(60));
}
