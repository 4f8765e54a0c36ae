/* Needs a function that nobody has. */
#include "good.h"
extern void NobodyHasThis(void);
__attribute__((constructor)) static void Begin(void)
{
    NobodyHasThis();
}
