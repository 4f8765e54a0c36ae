/* Calls back from a thread of its own while it is waited for events; no fault. */
#include <pthread.h>
#include <rtmv2.h>
static int Waiting;
#define FAULT(Info, Slot, Flags) (Waiting = 1)
#include "good.h"

static void *Tell(void *Nothing)
{
    Callback((RTM_ENTITY_HANDLE)0x1001, RTM_ENTITY_REGISTERED, (PVOID)0x1001, &Entity);
    return Nothing;
}

uint32_t RtmTestSettle(void)
{
    pthread_t Thread;
    if (Waiting) {
        Waiting = 0;
        pthread_create(&Thread, 0, Tell, 0);
        pthread_join(Thread, 0);
    }
    return 0;
}
