/* Hangs in its destructor. */
#include "good.h"
__attribute__((destructor)) static void End(void)
{
    for (;;)
        pause();
}
