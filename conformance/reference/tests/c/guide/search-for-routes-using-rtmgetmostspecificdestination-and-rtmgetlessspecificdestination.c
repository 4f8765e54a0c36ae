/* From the longest prefix that covers an address to the shortest one, step by step. */
#include "../client.h"

int main(void)
{
    static const USHORT lengths[] = { 0, 8, 16, 24 };
    enum { PREFIXES = sizeof lengths / sizeof lengths[0] };
    RTM_REGN_PROFILE profile;
    RTM_ENTITY_HANDLE rip = enter(PROTO_IP_RIP, NULL, &profile);
    RTM_NEXTHOP_HANDLE hop = next_hop(rip, 1);
    RTM_ROUTE_HANDLE routes[PREFIXES];
    RTM_NET_ADDRESS host = network(10, 1, 2, 3, 32);
    RTM_DEST_INFO dest;
    RTM_ROUTE_CHANGE_FLAGS flags;
    DWORD status;
    int found = 0;
    int at;

    routes[0] = unicast_route(rip, network(0, 0, 0, 0, lengths[0]), hop, 1);
    routes[1] = unicast_route(rip, network(10, 0, 0, 0, lengths[1]), hop, 1);
    routes[2] = unicast_route(rip, network(10, 1, 0, 0, lengths[2]), hop, 1);
    routes[3] = unicast_route(rip, network(10, 1, 2, 0, lengths[3]), hop, 1);

    status = RtmGetMostSpecificDestination(
        rip, &host, RTM_BEST_PROTOCOL, RTM_VIEW_MASK_UCAST, &dest);
    while (status == NO_ERROR) {
        RTM_DEST_INFO less;

        found++;
        CHECK(found <= PREFIXES && dest.DestAddress.NumBits == lengths[PREFIXES - found]);
        CHECK(dest.ViewInfo[0].Route == routes[PREFIXES - found]);
        status = RtmGetLessSpecificDestination(
            rip, dest.DestHandle, RTM_BEST_PROTOCOL, RTM_VIEW_MASK_UCAST, &less);
        EXPECT(RtmReleaseDestInfo(rip, &dest), NO_ERROR);
        dest = less;
    }
    CHECK(status == ERROR_NOT_FOUND);
    printf("prefixes: %d\n", found);

    for (at = 0; at < PREFIXES; at++) {
        EXPECT(RtmDeleteRouteToDest(rip, routes[at], &flags), NO_ERROR);
    }
    EXPECT(RtmDeleteNextHop(rip, hop, NULL), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    return finish();
}
