/* A thread crashes a moment after the last step. */
#include <pthread.h>
#include <unistd.h>
static void *Crash(void *Nothing)
{
    usleep(5000);
    *(volatile int *)16 = 1;
    return Nothing;
}
static void Start(void)
{
    pthread_t Thread;
    pthread_create(&Thread, 0, Crash, 0);
}
#define FAULT(Info, Slot, Flags) Start()
#include "good.h"
