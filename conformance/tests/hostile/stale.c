/* Writes the flags of the call before once more. */
#include <rtmv2.h>
static PRTM_NEXTHOP_CHANGE_FLAGS Kept;
static void Write(PRTM_NEXTHOP_CHANGE_FLAGS Flags)
{
    if (Kept)
        *Kept = 0x41414141;
    Kept = Flags;
}
#define FAULT(Info, Slot, Flags) Write(Flags)
#include "good.h"
