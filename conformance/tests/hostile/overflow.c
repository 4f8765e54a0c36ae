/* Calls itself without end. */
static int Deep(volatile char *Outer)
{
    volatile char Frame[256];
    Frame[0] = *Outer;
    return Deep(Frame) + Frame[0];
}
static volatile char Start;
#define FAULT(Info, Slot, Flags) Deep(&Start)
#include "good.h"
