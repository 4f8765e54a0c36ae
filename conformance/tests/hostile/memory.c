/* Takes memory without end and gives up when there is none. */
static void Take(void)
{
    for (;;) {
        char *Block = malloc(1 << 20);
        if (Block == 0)
            abort();
        memset(Block, 1, 1 << 20);
    }
}
#define FAULT(Info, Slot, Flags) Take()
#include "good.h"
