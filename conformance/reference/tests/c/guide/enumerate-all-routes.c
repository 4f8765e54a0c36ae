/* All routes that the client owns, in any view, and what they are. */
#include "../client.h"

#define NETWORKS 12

int main(void)
{
    RTM_REGN_PROFILE profile;
    RTM_ENTITY_HANDLE rip = enter(PROTO_IP_RIP, NULL, &profile);
    RTM_ENTITY_HANDLE ospf = enter(PROTO_IP_OSPF, NULL, &profile);
    RTM_NEXTHOP_HANDLE hop = next_hop(rip, 1);
    RTM_NEXTHOP_HANDLE other_hop = next_hop(ospf, 2);
    RTM_ROUTE_HANDLE routes[NETWORKS];
    RTM_ROUTE_HANDLE foreign = unicast_route(ospf, network(10, 3, 0, 0, 16), other_hop, 1);
    RTM_ROUTE_HANDLE *set = malloc(profile.MaxHandlesInEnum * sizeof *set);
    RTM_ENUM_HANDLE handle = NULL;
    RTM_ROUTE_CHANGE_FLAGS flags;
    unsigned total = 0;
    DWORD status;
    int at;

    for (at = 0; at < NETWORKS; at++) {
        routes[at] = unicast_route(rip, network(10, (UCHAR)at, 0, 0, 16), hop, (ULONG)at + 1);
    }
    EXPECT(RtmCreateRouteEnum(rip, NULL, RTM_VIEW_MASK_ANY, RTM_ENUM_OWN_ROUTES, NULL,
               RTM_MATCH_NONE, NULL, 0, &handle),
        NO_ERROR);
    do {
        UINT count = profile.MaxHandlesInEnum;
        UINT index;

        status = RtmGetEnumRoutes(rip, handle, &count, set);
        CHECK(status == NO_ERROR || status == ERROR_NO_MORE_ITEMS);
        for (index = 0; index < count; index++) {
            RTM_NET_ADDRESS net;
            RTM_ROUTE_INFO info;

            EXPECT(RtmGetRouteInfo(rip, set[index], &info, &net), NO_ERROR);
            CHECK(info.RouteOwner == rip);
            CHECK(info.PrefInfo.Metric == net.AddrBits[1] + 1u);
            EXPECT(RtmReleaseRouteInfo(rip, &info), NO_ERROR);
        }
        (void)RtmReleaseRoutes(rip, count, set);
        total += count;
    } while (status == NO_ERROR);
    EXPECT(RtmDeleteEnumHandle(rip, handle), NO_ERROR);
    printf("routes: %u\n", total);

    for (at = 0; at < NETWORKS; at++) {
        EXPECT(RtmDeleteRouteToDest(rip, routes[at], &flags), NO_ERROR);
    }
    EXPECT(RtmDeleteRouteToDest(ospf, foreign, &flags), NO_ERROR);
    EXPECT(RtmDeleteNextHop(rip, hop, NULL), NO_ERROR);
    EXPECT(RtmDeleteNextHop(ospf, other_hop, NULL), NO_ERROR);
    EXPECT(RtmDeregisterEntity(ospf), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    free(set);
    return finish();
}
