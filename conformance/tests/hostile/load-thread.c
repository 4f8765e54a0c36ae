/* Starts a thread in its constructor; no fault. */
#include <pthread.h>
#include "good.h"
static void *Wait(void *Nothing)
{
    for (;;)
        pause();
    return Nothing;
}
__attribute__((constructor)) static void Begin(void)
{
    pthread_t Thread;
    pthread_create(&Thread, 0, Wait, 0);
}
