/* Ends the process that started this one when it is unloaded. */
#include <signal.h>
#include "good.h"

__attribute__((destructor)) static void Unload(void)
{
    kill(getppid(), SIGKILL);
    pause();
}
