/* A destination is marked for hold-down and loses its last route: the route is kept beside for a
 * while, is found by whoever looks for it to advertise it as unreachable, and then goes. */
#include "../client.h"

#define HOLD_MS 30000

static RTM_ENTITY_HANDLE rip;

/* How many destinations hold a route in the unicast view. The structures of an enumeration for
 * any view hold no views, so each destination is asked for again. */
static unsigned held(RTM_ROUTE_HANDLE expected)
{
    RTM_ENUM_HANDLE handle = NULL;
    RTM_DEST_INFO found;
    RTM_DEST_INFO dest;
    RTM_ROUTE_INFO route;
    unsigned total = 0;
    UINT count;
    DWORD status;

    EXPECT(RtmCreateDestEnum(
               rip, RTM_VIEW_MASK_ANY, RTM_ENUM_START, NULL, RTM_BEST_PROTOCOL, &handle),
        NO_ERROR);
    do {
        count = 1;
        status = RtmGetEnumDests(rip, handle, &count, &found);
        if (count == 0) {
            break;
        }
        memset(&dest, 0, sizeof dest);
        EXPECT(RtmGetDestInfo(
                   rip, found.DestHandle, RTM_BEST_PROTOCOL, RTM_VIEW_MASK_UCAST, &dest),
            NO_ERROR);
        if (dest.ViewInfo[0].HoldRoute != NULL) {
            CHECK(dest.ViewInfo[0].Route == NULL && dest.ViewInfo[0].HoldRoute == expected);
            EXPECT(RtmGetRouteInfo(rip, dest.ViewInfo[0].HoldRoute, &route, NULL), NO_ERROR);
            CHECK(route.DestHandle == found.DestHandle);
            EXPECT(RtmReleaseRouteInfo(rip, &route), NO_ERROR);
            total++;
        }
        EXPECT(RtmReleaseDestInfo(rip, &dest), NO_ERROR);
        EXPECT(RtmReleaseDests(rip, 1, &found), NO_ERROR);
    } while (status == NO_ERROR);
    EXPECT(RtmDeleteEnumHandle(rip, handle), NO_ERROR);
    return total;
}

int main(void)
{
    RTM_REGN_PROFILE profile;
    RTM_NEXTHOP_HANDLE hop;
    RTM_ROUTE_HANDLE route;
    RTM_ROUTE_HANDLE other;
    RTM_NET_ADDRESS net = network(10, 1, 0, 0, 16);
    RTM_ROUTE_CHANGE_FLAGS flags = 0;
    RTM_DEST_INFO dest;

    rip = enter(PROTO_IP_RIP, NULL, &profile);
    hop = next_hop(rip, 1);
    route = unicast_route(rip, net, hop, 1);
    other = unicast_route(rip, network(10, 2, 0, 0, 16), hop, 1);
    EXPECT(RtmGetExactMatchDestination(
               rip, &net, RTM_BEST_PROTOCOL, RTM_VIEW_MASK_UCAST, &dest),
        NO_ERROR);
    EXPECT(RtmHoldDestination(rip, dest.DestHandle, RTM_VIEW_MASK_UCAST, HOLD_MS), NO_ERROR);
    EXPECT(RtmReleaseDestInfo(rip, &dest), NO_ERROR);
    printf("held: %u", held(NULL));

    EXPECT(RtmDeleteRouteToDest(rip, route, &flags), NO_ERROR);
    CHECK(flags & RTM_ROUTE_CHANGE_BEST);
    printf(" %u", held(route));
    /* Forwarding does not see it any more. */
    EXPECT(RtmGetExactMatchDestination(
               rip, &net, RTM_BEST_PROTOCOL, RTM_VIEW_MASK_UCAST, &dest),
        ERROR_NOT_FOUND);

    EXPECT(RtmTestAdvanceClock(HOLD_MS), NO_ERROR);
    printf(" %u\n", held(NULL));

    EXPECT(RtmDeleteRouteToDest(rip, other, &flags), NO_ERROR);
    EXPECT(RtmDeleteNextHop(rip, hop, NULL), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    return finish();
}
