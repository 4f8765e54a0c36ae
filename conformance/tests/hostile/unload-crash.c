/* Crashes in its destructor. */
#include "good.h"
__attribute__((destructor)) static void End(void)
{
    *(volatile int *)16 = 1;
}
