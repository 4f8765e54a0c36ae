/* The reference, its test hooks hidden, with a thread that tells clients of changes DELAY_MS later.
 * With -DLOSES it never does. */
#define _GNU_SOURCE
#include <rtmv2.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* Whoever looks for a hook here finds none. */
__asm__(".globl RtmTestAdvanceClock\n.set RtmTestAdvanceClock, 0\n"
        ".globl RtmTestSettle\n.set RtmTestSettle, 0\n"
        ".globl RtmTestReset\n.set RtmTestReset, 0\n"
        ".globl RtmTestConfigure\n.set RtmTestConfigure, 0\n");

#define DELAY_MS 60
#define EVENTS 64

struct Event {
    RTM_EVENT_CALLBACK Callback;
    RTM_ENTITY_HANDLE Receiver;
    PVOID First, Second;
};

static RTM_EVENT_CALLBACK Callbacks[2];
static int Clients;
static struct Event Events[EVENTS];
static int Count;
static pthread_mutex_t Mutex = PTHREAD_MUTEX_INITIALIZER;

static void *Tell(void *Unused)
{
    for (int At = 0;;) {
        usleep(DELAY_MS * 1000);
        pthread_mutex_lock(&Mutex);
        int Until = Count;
        pthread_mutex_unlock(&Mutex);
        for (; At < Until; At++)
            Events[At].Callback(Events[At].Receiver, RTM_CHANGE_NOTIFICATION, Events[At].First,
                                Events[At].Second);
    }
    return Unused;
}

static DWORD Keep(RTM_EVENT_CALLBACK Callback, RTM_ENTITY_HANDLE Receiver, RTM_EVENT_TYPE Event,
                  PVOID First, PVOID Second)
{
    if (Event != RTM_CHANGE_NOTIFICATION)
        return Callback(Receiver, Event, First, Second);
#ifndef LOSES
    pthread_mutex_lock(&Mutex);
    if (Count == EVENTS)
        abort();
    Events[Count++] = (struct Event){Callback, Receiver, First, Second};
    pthread_mutex_unlock(&Mutex);
#endif
    return NO_ERROR;
}

static DWORD WINAPI Keep0(RTM_ENTITY_HANDLE Receiver, RTM_EVENT_TYPE Event, PVOID First, PVOID Second)
{
    return Keep(Callbacks[0], Receiver, Event, First, Second);
}

static DWORD WINAPI Keep1(RTM_ENTITY_HANDLE Receiver, RTM_EVENT_TYPE Event, PVOID First, PVOID Second)
{
    return Keep(Callbacks[1], Receiver, Event, First, Second);
}

DWORD WINAPI RtmRegisterEntity(PRTM_ENTITY_INFO Info, PRTM_ENTITY_EXPORT_METHODS Methods,
                               RTM_EVENT_CALLBACK Callback, BOOL Reserve, PRTM_REGN_PROFILE Profile,
                               PRTM_ENTITY_HANDLE Handle)
{
    DWORD (*Call)() = dlsym(RTLD_NEXT, "RtmRegisterEntity");
    pthread_t Teller;
    if (Clients == 2 || Clients == 0 && pthread_create(&Teller, NULL, Tell, NULL) != 0)
        abort();
    Callbacks[Clients] = Callback;
    return Call(Info, Methods, Clients++ ? Keep1 : Keep0, Reserve, Profile, Handle);
}
