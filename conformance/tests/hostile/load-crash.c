/* Crashes in its constructor. */
#include "good.h"
__attribute__((constructor)) static void Begin(void)
{
    *(volatile int *)16 = 1;
}
