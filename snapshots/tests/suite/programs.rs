//! Programs for the tests, and their histories on the model.

use rtm_scenarios::{Scenario, parse, report};
use rtm_sim::history::History;
use rtm_sim::model::{Config, Model};
use rtm_sim::program::Program;
use rtm_sim::readings::Readings;
use rtm_sim::run::Run;
use rtm_sim::schedule::Listed;

/// A scenario of these lines; `format` and `title` are added.
pub fn scenario(title: &str, lines: &str) -> Scenario {
    let text = format!("format = 1\ntitle = \"{title}\"\n{lines}");
    parse("test.toml", &text).unwrap_or_else(|found| panic!("{}", report(&found, false)))
}

/// What the model does with a program in file order, and the misuses that it saw.
pub fn history(program: &Program) -> (History, Model) {
    let mut model = Model::new(Config::default(), Readings::own());
    let mut run = Run::new(program);
    run.run(&mut model, &mut Listed::new(program.listed_order()));
    (run.history, model)
}

/// Two clients, callbacks and reactions, an expiry, failures, hazards.
pub const CALLBACKS: &str = r#"
[client.rip]
protocol = 8
on.RTM_ENTITY_REGISTERED = { bind = "e", steps = [
    { call = "RtmGetEntityInfo", entity-handle = "e.Context1" },
] }
on.RTM_ROUTE_EXPIRED = { return = "ERROR_NOT_SUPPORTED" }
[client.ospf]
protocol = 13
callback = false

[[step]]
by = "rip"
call = "RtmAddNextHop"
next-hop-info = { next-hop-address = "10.0.0.1" }
bind = "a"

[[step]]
by = "rip"
call = "RtmAddRouteToDest"
dest-address = "10.0.0.0/8"
route-info = { neighbour = "a", next-hops = ["a"], flags = ["RTM_ROUTE_FLAGS_LOCAL"] }
time-to-live = 1000
bind = "r"

[[step]]
by = "ospf"
call = "RtmGetRouteInfo"
route-handle = "r"
bind = "info"

[[step]]
by = "ospf"
call = "RtmReleaseRouteInfo"
route-info = "info"

[[then]]
by = "rip"
advance = 1500

[[then]]
by = "rip"
call = "RtmGetExactMatchDestination"
dest-address = "10.0.0.0/8"

[[then]]
by = "rip"
call = "RtmAddNextHop"
next-hop-info = { next-hop-address = "10.0.0.1" }
next-hop-handle = { never = 0xdead }
hazard = true

[[then]]
by = "ospf"
call = "RtmReleaseNextHops"
next-hop-handles = ["r", "NULL"]
hazard = true
"#;

/// An enumeration that is fetched to its end, and steps enough to be folded.
pub const ENUMERATION: &str = r#"
client.rip = { protocol = 8 }

[[given]]
call = "RtmAddNextHop"
next-hop-info = { next-hop-address = "10.0.0.1", interface-index = 2 }
bind = "a"

[[given]]
call = "RtmAddRouteToDest"
dest-address = "10.0.0.0/24 + {i}"
route-info = { next-hops = ["a"], metric = "{i} + 1" }
repeat = 25
bind = "r-{i}"

[[step]]
call = "RtmCreateRouteEnum"
enum-flags = ["RTM_ENUM_RANGE", "RTM_ENUM_OWN_ROUTES"]
start-dest = "10.0.0.0/8"
bind = "enum"

[[step]]
call = "RtmGetEnumRoutes"
enum-handle = "enum"
until-end = true
bind = "found"

[[step]]
call = "RtmReleaseRoutes"
route-handles = "found"

[[step]]
call = "RtmCreateDestEnum"
target-views = "RTM_VIEW_MASK_UCAST"
bind = "dests"

[[step]]
call = "RtmGetEnumDests"
enum-handle = "dests"
num-dests = 3
bind = "some"

[[step]]
call = "RtmReleaseDests"
dest-infos = "some"

[[step]]
call = "RtmGetRegisteredEntities"
num-entities = 2

[[then]]
call = "RtmDeregisterEntity"
"#;
