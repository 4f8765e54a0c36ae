/* Leaves a child that has a session of its own. */
static void Leave(void)
{
    if (fork() == 0) {
        setsid();
        for (;;)
            pause();
    }
}
#define FAULT(Info, Slot, Flags) Leave()
#include "good.h"
