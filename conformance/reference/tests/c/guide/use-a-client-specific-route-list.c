/* Routes are put on a list, moved set by set to another one, and outlive both. */
#include "../client.h"

#define NETWORKS 25

static RTM_ENTITY_HANDLE rip;
static RTM_REGN_PROFILE profile;

/* How many routes a list holds; each set of them is put on `to` before the next one is fetched,
 * where there is such a list. */
static unsigned walk(RTM_ROUTE_LIST_HANDLE list, RTM_ROUTE_LIST_HANDLE to)
{
    RTM_ROUTE_HANDLE *set = malloc(profile.MaxHandlesInEnum * sizeof *set);
    RTM_ENUM_HANDLE handle = NULL;
    unsigned total = 0;
    UINT count;

    EXPECT(RtmCreateRouteListEnum(rip, list, &handle), NO_ERROR);
    do {
        count = profile.MaxHandlesInEnum;
        EXPECT(RtmGetListEnumRoutes(rip, handle, &count, set), NO_ERROR);
        if (to != NULL && count != 0) {
            EXPECT(RtmInsertInRouteList(rip, to, count, set), NO_ERROR);
        }
        if (count != 0) {
            EXPECT(RtmReleaseRoutes(rip, count, set), NO_ERROR);
        }
        total += count;
        /* A set that is not full is the last one. */
    } while (count == profile.MaxHandlesInEnum);
    EXPECT(RtmDeleteEnumHandle(rip, handle), NO_ERROR);
    free(set);
    return total;
}

int main(void)
{
    RTM_ROUTE_LIST_HANDLE first = NULL;
    RTM_ROUTE_LIST_HANDLE second = NULL;
    RTM_NEXTHOP_HANDLE hop;
    RTM_ROUTE_HANDLE routes[NETWORKS];
    RTM_ROUTE_CHANGE_FLAGS flags;
    int at;

    rip = enter(PROTO_IP_RIP, NULL, &profile);
    hop = next_hop(rip, 1);
    EXPECT(RtmCreateRouteList(rip, &first), NO_ERROR);
    EXPECT(RtmCreateRouteList(rip, &second), NO_ERROR);
    CHECK(first != NULL && second != NULL && first != second);
    for (at = 0; at < NETWORKS; at++) {
        routes[at] = unicast_route(rip, network(10, (UCHAR)at, 0, 0, 16), hop, 1);
    }
    EXPECT(RtmInsertInRouteList(rip, first, NETWORKS, routes), NO_ERROR);
    printf("moved: %u\n", walk(first, second));
    printf("left: %u\n", walk(first, NULL));
    printf("on the other list: %u\n", walk(second, NULL));

    /* No list takes a route off its own. */
    EXPECT(RtmInsertInRouteList(rip, NULL, 1, routes), NO_ERROR);
    CHECK(walk(second, NULL) == NETWORKS - 1);

    EXPECT(RtmDeleteRouteList(rip, first), NO_ERROR);
    EXPECT(RtmDeleteRouteList(rip, second), NO_ERROR);
    for (at = 0; at < NETWORKS; at++) {
        EXPECT(RtmDeleteRouteToDest(rip, routes[at], &flags), NO_ERROR);
    }
    EXPECT(RtmDeleteNextHop(rip, hop, NULL), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    return finish();
}
