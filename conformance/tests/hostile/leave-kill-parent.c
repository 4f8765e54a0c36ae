/* Ends the process that started this one when a client leaves. */
#include <signal.h>
#define LEAVING_FAULT()          \
    do {                         \
        kill(getppid(), SIGKILL); \
        pause();                 \
    } while (0)
#include "good.h"
