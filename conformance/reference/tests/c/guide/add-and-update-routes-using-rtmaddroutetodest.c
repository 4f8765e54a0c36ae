/* A next hop and a route that uses it are added; the same call updates the route, with its handle
 * and without. */
#include "../client.h"

static RTM_ENTITY_HANDLE rip;
static RTM_NET_ADDRESS net;

/* The route as `info` has it, through `*slot`; what came of it. */
static RTM_ROUTE_CHANGE_FLAGS put(RTM_ROUTE_HANDLE *slot, RTM_ROUTE_INFO *info)
{
    RTM_ROUTE_CHANGE_FLAGS flags = 0;

    EXPECT(
        RtmAddRouteToDest(rip, slot, &net, info, INFINITE, NULL, 0, NULL, &flags), NO_ERROR);
    return flags;
}

static ULONG metric_of(RTM_ROUTE_HANDLE route)
{
    RTM_ROUTE_INFO info;
    ULONG metric;

    EXPECT(RtmGetRouteInfo(rip, route, &info, NULL), NO_ERROR);
    CHECK(info.RouteOwner == rip && info.NextHopsList.NumNextHops == 1);
    metric = info.PrefInfo.Metric;
    EXPECT(RtmReleaseRouteInfo(rip, &info), NO_ERROR);
    return metric;
}

int main(void)
{
    RTM_REGN_PROFILE profile;
    RTM_NEXTHOP_HANDLE hop;
    RTM_ROUTE_HANDLE route = NULL;
    RTM_ROUTE_HANDLE again = NULL;
    RTM_ROUTE_INFO info;
    RTM_ROUTE_CHANGE_FLAGS flags = 0;

    rip = enter(PROTO_IP_RIP, NULL, &profile);
    net = network(10, 1, 0, 0, 16);
    hop = next_hop(rip, 1);

    memset(&info, 0, sizeof info);
    info.Neighbour = hop;
    info.PrefInfo.Metric = 4;
    info.BelongsToViews = RTM_VIEW_MASK_UCAST;
    info.NextHopsList.NumNextHops = 1;
    info.NextHopsList.NextHops[0] = hop;
    CHECK(put(&route, &info) == (RTM_ROUTE_CHANGE_NEW | RTM_ROUTE_CHANGE_BEST));
    CHECK(route != NULL && metric_of(route) == 4);

    info.PrefInfo.Metric = 5;
    CHECK((put(&route, &info) & RTM_ROUTE_CHANGE_NEW) == 0);
    CHECK(metric_of(route) == 5);

    /* Owner, destination and neighbour name the route as well; then there is one handle more. */
    info.PrefInfo.Metric = 6;
    CHECK((put(&again, &info) & RTM_ROUTE_CHANGE_NEW) == 0);
    CHECK(again == route && metric_of(again) == 6);
    EXPECT(RtmReleaseRoutes(rip, 1, &again), NO_ERROR);

    EXPECT(RtmDeleteRouteToDest(rip, route, &flags), NO_ERROR);
    CHECK(flags == RTM_ROUTE_CHANGE_BEST);
    EXPECT(RtmDeleteNextHop(rip, hop, NULL), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    return finish();
}
