/* Loads in one worker, which is twice, and hangs in every other one. */
#include "five-functions.c"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

__attribute__((constructor)) static void Begin(void)
{
    char Name[4096];
    for (int Load = 1; Load <= 2; Load++) {
        snprintf(Name, sizeof Name, "%s/%d", getenv("RTM_TEST_FOLDER"), Load);
        if (open(Name, O_CREAT | O_EXCL | O_WRONLY, 0600) >= 0)
            return;
    }
    for (;;)
        pause();
}
