/* Two clients come, a third that says it is the first is refused, and both leave. */
#include "../client.h"

int main(void)
{
    RTM_ENTITY_INFO info = identity(PROTO_IP_RIP, 1);
    RTM_REGN_PROFILE profile;
    RTM_REGN_PROFILE other;
    RTM_ENTITY_HANDLE rip = NULL;
    RTM_ENTITY_HANDLE second = NULL;
    RTM_ENTITY_HANDLE again = NULL;

    memset(&profile, 0, sizeof profile);
    EXPECT(RtmRegisterEntity(&info, NULL, NULL, FALSE, &profile, &rip), NO_ERROR);
    CHECK(rip != NULL);
    /* The profile tells how large the arrays of a client have to be. */
    CHECK(1 <= profile.MaxNextHopsInRoute && 1 <= profile.MaxHandlesInEnum);
    CHECK(profile.ViewsSupported & RTM_VIEW_MASK_UCAST);
    printf("views: %u\n", (unsigned)profile.NumberOfViews);

    EXPECT(RtmRegisterEntity(&info, NULL, NULL, FALSE, &other, &again), ERROR_ALREADY_EXISTS);
    info.EntityId.EntityInstanceId = 2;
    EXPECT(RtmRegisterEntity(&info, NULL, NULL, FALSE, &other, &second), NO_ERROR);
    CHECK(second != NULL && second != rip);
    CHECK(other.MaxHandlesInEnum == profile.MaxHandlesInEnum);

    EXPECT(RtmDeregisterEntity(second), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    info.EntityId.EntityInstanceId = 1;
    EXPECT(RtmRegisterEntity(&info, NULL, NULL, FALSE, &profile, &rip), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    return finish();
}
