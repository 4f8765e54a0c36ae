//! What only an implied clause admits is decided no more firmly than that.

use rtm_scenarios::simulate::{Strategy, simulate};
use rtm_scenarios::{corpus, parse};
use rtm_sim::clause::{ClauseId, Strength};
use rtm_sim::history::Entry;
use rtm_sim::vocabulary::observation::Place;

/// Scenarios in which a call succeeds that no stated clause admits, and the clause that does.
const ADMITTED: &[(&str, &str)] = &[
    ("nexthops/found-without-handle", "RtmFindNextHop.handle-optional"),
    ("nexthops/found-by-the-key-alone", "RtmFindNextHop.other-members-ignored"),
    ("info/unused-address-bytes", "RTM_NET_ADDRESS.unused-bytes-ignored"),
    ("info/route-of-another-client", "RtmGetRouteInfo.any-client"),
    ("info/next-hop-of-another-client", "RtmGetNextHopInfo.any-client"),
    ("info/dest-of-another-client", "RtmGetDestInfo.any-client"),
    ("query/best-any-client", "RtmIsBestRoute.any-client"),
    ("lists/several-lists", "RtmCreateRouteList.several-lists"),
    ("enumeration/dests-at-the-limit", "RtmGetEnumDests.limit-inclusive"),
    ("notify/at-the-limit", "RtmGetChangedDests.limit-inclusive"),
];

#[test]
fn what_an_implied_clause_admits_is_implied() {
    for (name, clause) in ADMITTED {
        let clause = ClauseId::find(clause).expect(clause);
        let (_, text) = corpus().find(|(known, _)| known == name).expect(name);
        let scenario = parse(name, text).expect(name);
        let mut scheduler = Strategy::Listed.scheduler(&scenario.program);
        let history = simulate(&scenario, &mut *scheduler).history;
        let mut seen = 0;
        for entry in &history.entries {
            let Entry::End { fields, .. } = entry else { continue };
            for field in history.slice(*fields) {
                if field.place == Place::STATUS && field.basis.clauses().any(|c| c == clause) {
                    seen += 1;
                    let strength = field.basis.strength();
                    assert!(strength <= Strength::Implied, "{name}: {:?}", field.basis);
                }
            }
        }
        assert_ne!(seen, 0, "{name}: no status rests on {clause}");
    }
}
