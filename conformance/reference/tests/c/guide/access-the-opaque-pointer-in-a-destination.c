/* Two clients keep something of their own with a destination, each in its own place, and change
 * it under the lock of the destination. */
#include "../client.h"

typedef struct note {
    int visits;
} note;

static RTM_ENTITY_HANDLE enter_with_place(ULONG protocol)
{
    RTM_ENTITY_INFO info = identity(protocol, 1);
    RTM_REGN_PROFILE profile;
    RTM_ENTITY_HANDLE handle = NULL;

    EXPECT(RtmRegisterEntity(&info, NULL, NULL, TRUE, &profile, &handle), NO_ERROR);
    return handle;
}

/* One more visit of a client: the first one leaves a note in its place. */
static int visit(RTM_ENTITY_HANDLE client, RTM_DEST_HANDLE dest, note *fresh)
{
    PVOID place = NULL;
    note *kept;

    EXPECT(RtmLockDestination(client, dest, TRUE, TRUE), NO_ERROR);
    EXPECT(RtmGetOpaqueInformationPointer(client, dest, &place), NO_ERROR);
    kept = *(note **)place;
    if (kept == NULL) {
        kept = fresh;
        *(note **)place = kept;
    }
    kept->visits++;
    EXPECT(RtmLockDestination(client, dest, TRUE, FALSE), NO_ERROR);
    return kept->visits;
}

int main(void)
{
    static note notes[3];
    RTM_ENTITY_HANDLE rip = enter_with_place(PROTO_IP_RIP);
    RTM_ENTITY_HANDLE ospf = enter_with_place(PROTO_IP_OSPF);
    RTM_NEXTHOP_HANDLE hop = next_hop(rip, 1);
    RTM_NET_ADDRESS net = network(10, 1, 0, 0, 16);
    RTM_ROUTE_HANDLE route = unicast_route(rip, net, hop, 1);
    RTM_ROUTE_CHANGE_FLAGS flags = 0;
    RTM_DEST_INFO dest;
    RTM_DEST_INFO same;
    PVOID place = NULL;

    EXPECT(RtmGetExactMatchDestination(rip, &net, RTM_BEST_PROTOCOL, RTM_VIEW_MASK_UCAST, &dest),
        NO_ERROR);
    EXPECT(RtmGetExactMatchDestination(ospf, &net, RTM_BEST_PROTOCOL, RTM_VIEW_MASK_UCAST, &same),
        NO_ERROR);
    CHECK(visit(rip, dest.DestHandle, &notes[0]) == 1);
    CHECK(visit(rip, dest.DestHandle, &notes[1]) == 2);
    CHECK(visit(ospf, same.DestHandle, &notes[2]) == 1);
    printf("visits: %d %d %d\n", notes[0].visits, notes[1].visits, notes[2].visits);

    /* Whoever only looks shares the lock. */
    EXPECT(RtmLockDestination(rip, dest.DestHandle, FALSE, TRUE), NO_ERROR);
    EXPECT(RtmGetOpaqueInformationPointer(rip, dest.DestHandle, &place), NO_ERROR);
    CHECK(*(note **)place == &notes[0]);
    EXPECT(RtmLockDestination(rip, dest.DestHandle, FALSE, FALSE), NO_ERROR);

    EXPECT(RtmReleaseDestInfo(rip, &dest), NO_ERROR);
    EXPECT(RtmReleaseDestInfo(ospf, &same), NO_ERROR);
    EXPECT(RtmDeleteRouteToDest(rip, route, &flags), NO_ERROR);
    EXPECT(RtmDeleteNextHop(rip, hop, NULL), NO_ERROR);
    EXPECT(RtmDeregisterEntity(ospf), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    return finish();
}
