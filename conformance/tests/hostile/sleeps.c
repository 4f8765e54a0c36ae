/* A lock that sleeps instead of waiting for anybody. */
#include "good.h"

DWORD RtmLockDestination(RTM_ENTITY_HANDLE Handle, RTM_DEST_HANDLE Dest, BOOL Exclusive, BOOL Take)
{
    (void)Handle;
    (void)Dest;
    (void)Exclusive;
    if (Take)
        for (;;)
            sleep(1);
    return NO_ERROR;
}
