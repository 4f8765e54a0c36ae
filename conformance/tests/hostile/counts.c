/* Counts clients, next hops and handles; goes back to the first state only when none is left. */
#define WITHOUT_RESET
static int Handles, Listed;
#define FAULT(Info, Slot, Flags) (Handles++, Listed++)
#include "good.h"

DWORD RtmReleaseNextHops(RTM_ENTITY_HANDLE Handle, DWORD Count, PRTM_NEXTHOP_HANDLE Slots)
{
    (void)Handle;
    (void)Slots;
    Handles -= Count;
    return NO_ERROR;
}

DWORD RtmDeleteNextHop(RTM_ENTITY_HANDLE Handle, RTM_NEXTHOP_HANDLE Slot, PRTM_NEXTHOP_INFO Info)
{
    (void)Handle;
    (void)Info;
    if (Slot == NULL)
        return ERROR_NOT_FOUND;
    Handles--;
    Listed--;
    return NO_ERROR;
}

uint32_t RtmTestReset(void)
{
    NextHops = 0;
    return Clients || Handles || Listed;
}
