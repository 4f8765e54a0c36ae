/* Hangs in its constructor. */
#include "good.h"
__attribute__((constructor)) static void Begin(void)
{
    for (;;)
        pause();
}
