/* Never comes back, and notes other runs all the time. */
#include "journal.h"
static void Scribble(void)
{
    for (volatile uint32_t *Page = Journal();;)
        Page[2]++;
}
#define FAULT(Info, Slot, Flags) Scribble()
#include "good.h"
