/* A route is locked, changed where it stands, and committed: another metric, and another next hop
 * in the place of the first. */
#include "../client.h"

int main(void)
{
    RTM_REGN_PROFILE profile;
    RTM_ENTITY_HANDLE rip = enter(PROTO_IP_RIP, NULL, &profile);
    RTM_NEXTHOP_HANDLE first = next_hop(rip, 1);
    RTM_NEXTHOP_HANDLE second = next_hop(rip, 2);
    RTM_ROUTE_HANDLE route = unicast_route(rip, network(10, 1, 0, 0, 16), first, 5);
    RTM_ROUTE_INFO *pointer = NULL;
    RTM_NEXTHOP_HANDLE old;
    RTM_ROUTE_INFO info;
    RTM_ROUTE_CHANGE_FLAGS flags = 0;
    RTM_VIEW_SET best = 0;

    EXPECT(RtmLockRoute(rip, route, TRUE, TRUE, &pointer), NO_ERROR);
    CHECK(pointer != NULL && pointer->PrefInfo.Metric == 5);
    pointer->PrefInfo.Metric = 3;
    /* The client counts for itself: what comes in gets a reference, what goes out loses one. */
    old = pointer->NextHopsList.NextHops[0];
    EXPECT(RtmReleaseNextHops(rip, 1, &old), NO_ERROR);
    pointer->NextHopsList.NextHops[0] = second;
    EXPECT(RtmReferenceHandles(rip, 1, (HANDLE *)&second), NO_ERROR);
    EXPECT(RtmUpdateAndUnlockRoute(rip, route, INFINITE, NULL, 0, NULL, &flags), NO_ERROR);
    CHECK(flags == RTM_ROUTE_CHANGE_BEST);

    EXPECT(RtmGetRouteInfo(rip, route, &info, NULL), NO_ERROR);
    CHECK(info.PrefInfo.Metric == 3 && info.RouteOwner == rip);
    CHECK(info.NextHopsList.NumNextHops == 1 && info.NextHopsList.NextHops[0] == second);
    EXPECT(RtmReleaseRouteInfo(rip, &info), NO_ERROR);
    EXPECT(RtmIsBestRoute(rip, route, &best), NO_ERROR);
    CHECK(best == RTM_VIEW_MASK_UCAST);

    EXPECT(RtmDeleteRouteToDest(rip, route, &flags), NO_ERROR);
    EXPECT(RtmDeleteNextHop(rip, first, NULL), NO_ERROR);
    EXPECT(RtmDeleteNextHop(rip, second, NULL), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    return finish();
}
