/* Raises a foreign exception and ends, as C++ does, when nobody takes it. */
#include <stdio.h>
#include <unwind.h>
static struct _Unwind_Exception Exception;
static void Throw(void)
{
    _Unwind_RaiseException(&Exception);
    fprintf(stderr, "terminate called after throwing an exception\n");
    __builtin_abort();
}
#define FAULT(Info, Slot, Flags) Throw()
#include "good.h"
