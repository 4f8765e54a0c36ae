/* The hook for resetting is there and refuses. */
#define WITHOUT_RESET
#include "good.h"

uint32_t RtmTestReset(void)
{
    return 5;
}
