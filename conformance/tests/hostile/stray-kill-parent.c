/* Leaves a process that has a session of its own, and ends the process that started this one. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
static void Leave(void)
{
    pid_t Child = fork();
    if (Child == 0) {
        setsid();
        if (fork() != 0)
            _exit(0);
        for (;;)
            pause();
    }
    waitpid(Child, 0, 0);
    kill(getppid(), SIGKILL);
    pause();
}
#define FAULT(Info, Slot, Flags) Leave()
#include "good.h"
