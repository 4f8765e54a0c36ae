/* Writes a file without end. */
#include <stdio.h>
static void Fill(void)
{
    FILE *File = tmpfile();
    static char Block[1 << 16];
    for (;;)
        fwrite(Block, 1, sizeof Block, File);
}
#define FAULT(Info, Slot, Flags) Fill()
#include "good.h"
