/* Passes every call on to the reference, which it is linked with, but for these.
 *
 * Who leaves a second time ends the process, unless somebody was asked about a client before; and
 * questions are answered wrongly. With ONCE only those are that come when exactly one client has
 * left, and the very first one of all processes. */
#define _GNU_SOURCE
#include <rtmv2.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static RTM_ENTITY_HANDLE Left;
static int Leaves, Asked;

DWORD RtmDeregisterEntity(RTM_ENTITY_HANDLE Handle)
{
    DWORD (*Call)() = dlsym(RTLD_NEXT, "RtmDeregisterEntity");
#ifndef ONCE
    if (Handle == Left && !Asked)
        abort();
#endif
    Left = Handle;
    Leaves++;
    return Call(Handle);
}

static int IsWrong(void)
{
#ifdef ONCE
    char Name[4096];
    snprintf(Name, sizeof Name, "%s/asked", getenv("RTM_TEST_FOLDER"));
    int Created = open(Name, O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (Created >= 0)
        close(Created);
    return Leaves == 1 || Created >= 0;
#else
    return 1;
#endif
}

DWORD RtmGetEntityInfo(RTM_ENTITY_HANDLE Handle, RTM_ENTITY_HANDLE Other, PRTM_ENTITY_INFO Info)
{
    DWORD (*Call)() = dlsym(RTLD_NEXT, "RtmGetEntityInfo");
    Asked = 1;
    return IsWrong() ? ERROR_INVALID_HANDLE : Call(Handle, Other, Info);
}
