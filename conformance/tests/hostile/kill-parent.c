/* Ends the process that started this one. */
#include <signal.h>
#define FAULT(Info, Slot, Flags)       \
    do {                               \
        kill(getppid(), SIGKILL);      \
        pause();                       \
    } while (0)
#include "good.h"
