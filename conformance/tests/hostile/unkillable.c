/* Blocks every signal and waits. */
#include <signal.h>
static void Block(void)
{
    sigset_t All;
    sigfillset(&All);
    sigprocmask(SIG_BLOCK, &All, 0);
    for (;;)
        sigsuspend(&All);
}
#define FAULT(Info, Slot, Flags) Block()
#include "good.h"
