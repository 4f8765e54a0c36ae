/* All destinations of the unicast view, as many at a time as the profile allows. */
#include "../client.h"

#define NETWORKS 25

int main(void)
{
    RTM_REGN_PROFILE profile;
    RTM_ENTITY_HANDLE rip = enter(PROTO_IP_RIP, NULL, &profile);
    RTM_NEXTHOP_HANDLE hop = next_hop(rip, 1);
    RTM_ROUTE_HANDLE routes[NETWORKS];
    RTM_ENUM_HANDLE handle = NULL;
    const size_t size = RTM_SIZE_OF_DEST_INFO(1);
    UCHAR *set = malloc(profile.MaxHandlesInEnum * size);
    RTM_ROUTE_CHANGE_FLAGS flags;
    unsigned total = 0;
    DWORD status;
    int at;

    for (at = 0; at < NETWORKS; at++) {
        routes[at] = unicast_route(rip, network(10, (UCHAR)at, 0, 0, 16), hop, 1);
    }
    EXPECT(RtmCreateDestEnum(
               rip, RTM_VIEW_MASK_UCAST, RTM_ENUM_START, NULL, RTM_BEST_PROTOCOL, &handle),
        NO_ERROR);
    do {
        UINT count = profile.MaxHandlesInEnum;
        UINT index;

        status = RtmGetEnumDests(rip, handle, &count, (RTM_DEST_INFO *)set);
        CHECK(status == NO_ERROR || status == ERROR_NO_MORE_ITEMS);
        for (index = 0; index < count; index++) {
            RTM_DEST_INFO *dest = (RTM_DEST_INFO *)(set + index * size);

            CHECK(dest->NumberOfViews == 1);
            CHECK(dest->DestAddress.AddrBits[1] == total + index);
            CHECK(dest->ViewInfo[0].Route == routes[total + index]);
        }
        /* An empty last set is given back like the others. */
        (void)RtmReleaseDests(rip, count, (RTM_DEST_INFO *)set);
        total += count;
    } while (status == NO_ERROR);
    EXPECT(RtmDeleteEnumHandle(rip, handle), NO_ERROR);
    printf("destinations: %u\n", total);

    for (at = 0; at < NETWORKS; at++) {
        EXPECT(RtmDeleteRouteToDest(rip, routes[at], &flags), NO_ERROR);
    }
    EXPECT(RtmDeleteNextHop(rip, hop, NULL), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    free(set);
    return finish();
}
