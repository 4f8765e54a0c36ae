/* Changes what belongs to the process. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
static void Handle(int Signal)
{
    (void)Signal;
}
static void Change(void)
{
    if (chdir("/") != 0)
        abort();
    umask(0123);
    signal(SIGUSR1, Handle);
    setenv("RTM_LEFT", "a\033[31m", 1);
    open("/dev/null", O_RDONLY);
}
#define FAULT(Info, Slot, Flags) Change()
#include "good.h"
