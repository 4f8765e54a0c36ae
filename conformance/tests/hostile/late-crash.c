/* A thread crashes a moment after the last step, when the library has said that it is settled. */
#include <pthread.h>
#include "good.h"
static void *Crash(void *Nothing)
{
    usleep(5000);
    *(volatile int *)16 = 1;
    return Nothing;
}
uint32_t RtmTestSettle(void)
{
    pthread_t Thread;
    pthread_create(&Thread, 0, Crash, 0);
    return NO_ERROR;
}
