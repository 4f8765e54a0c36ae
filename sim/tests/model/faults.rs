//! Planted faults that must not bring the model itself down.

use rtm_sim::engine::Operation;
use rtm_sim::vocabulary::observation::{Place, handle_at};

use crate::shared::{
    add_next_hop, add_route, call, delete_route, model, net, operate, register, release_routes,
};

/// Whether the deleted route is held by somebody when its timer goes off.
fn expires_after_deletion(held: bool) {
    let mut model = model("RtmDeleteRouteToDest.timer-cancelled=runs-on");
    let client = register(&mut model, 0);
    let hop = handle_at(&call(&mut model, 0, add_next_hop(1, client)).1, Place::output(2));
    let add = add_route(client, net(10, 0, 8), hop, (1, 1), 1000);
    let route = handle_at(&call(&mut model, 0, add.clone()).1, Place::output(1));
    assert_eq!(call(&mut model, 0, add).0, 0);
    assert_eq!(call(&mut model, 0, delete_route(client, route)).0, 0);
    if !held {
        assert_eq!(call(&mut model, 0, release_routes(client, &[route])).0, 0);
        // Its place is used anew.
        let add = add_route(client, net(11, 0, 8), hop, (1, 1), u32::MAX);
        assert_eq!(call(&mut model, 0, add).0, 0);
    }
    operate(&mut model, 0, &Operation::Advance(2000));
    assert_eq!(model.broken_invariants(), Vec::<String>::new());
}

#[test]
fn a_timer_that_runs_on_ends_with_its_route() {
    expires_after_deletion(false);
}

#[test]
fn a_timer_that_runs_on_deletes_no_route_twice() {
    expires_after_deletion(true);
}
