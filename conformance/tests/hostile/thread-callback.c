/* Calls back from a thread of its own. */
#include <pthread.h>
#include "rtmv2.h"
static void Tell(void);
static void *Run(void *Nothing)
{
    Tell();
    return Nothing;
}
static void Start(void)
{
    pthread_t Thread;
    pthread_create(&Thread, 0, Run, 0);
    pthread_join(Thread, 0);
}
#define FAULT(Info, Slot, Flags) Start()
#include "good.h"
static void Tell(void)
{
    Callback((RTM_ENTITY_HANDLE)0x1001, RTM_ENTITY_REGISTERED, (PVOID)0x1001, &Entity);
}
