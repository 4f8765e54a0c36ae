/* Prints a lot, terminal escapes too. */
#include <stdio.h>
static void Print(void)
{
    for (int Line = 0; Line < 50000; Line++) {
        printf("\033[31mline %d\n", Line);
        fprintf(stderr, "error %d\n", Line);
    }
    fflush(stdout);
}
#define FAULT(Info, Slot, Flags) Print()
#include "good.h"
