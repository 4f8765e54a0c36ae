/* Leaves a thread running. */
#include <pthread.h>
static void *Wait(void *Nothing)
{
    for (;;)
        pause();
    return Nothing;
}
static void Start(void)
{
    pthread_t Thread;
    pthread_create(&Thread, 0, Wait, 0);
}
#define FAULT(Info, Slot, Flags) Start()
#include "good.h"
