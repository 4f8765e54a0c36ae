/* Passes every call on to the reference, which it is linked with; locks of destinations are its own.
 * Who waits for one is woken when it is given back with -DWAKES, by a thread that looks again and
 * again with -DHELPS, looks by itself with -DLOOKS, and waits for ever otherwise. */
#define _GNU_SOURCE
#include <rtmv2.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

static struct {
    RTM_DEST_HANDLE Dest;
    int Writers, Readers;
} Locks[64];
static int Count;
static pthread_mutex_t Mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t Changed = PTHREAD_COND_INITIALIZER;

static int Find(RTM_DEST_HANDLE Dest)
{
    int Index = 0;
    while (Index < Count && Locks[Index].Dest != Dest)
        Index++;
    if (Index == Count)
        Locks[Count++].Dest = Dest;
    return Index;
}

#ifdef HELPS
static void *Help(void *Unused)
{
    for (;;) {
        usleep(20 * 1000);
        pthread_cond_broadcast(&Changed);
    }
    return Unused;
}
#endif

static void Wait(void)
{
#ifdef LOOKS
    pthread_mutex_unlock(&Mutex);
    usleep(20 * 1000);
    pthread_mutex_lock(&Mutex);
#else
    pthread_cond_wait(&Changed, &Mutex);
#endif
}

DWORD RtmLockDestination(RTM_ENTITY_HANDLE Handle, RTM_DEST_HANDLE Dest, BOOL Exclusive, BOOL Take)
{
    DWORD (*Call)() = dlsym(RTLD_NEXT, "RtmLockDestination");
    if (Dest == NULL)
        return Call(Handle, Dest, Exclusive, Take);
    pthread_mutex_lock(&Mutex);
#ifdef HELPS
    static pthread_t Helper;
    if (!Helper)
        pthread_create(&Helper, NULL, Help, NULL);
#endif
    int At = Find(Dest);
    if (Take) {
        while (Locks[At].Writers || Exclusive && Locks[At].Readers)
            Wait();
        Exclusive ? Locks[At].Writers++ : Locks[At].Readers++;
    }
    pthread_mutex_unlock(&Mutex);
    DWORD Status = Call(Handle, Dest, Exclusive, Take);
    pthread_mutex_lock(&Mutex);
    if (Take ? Status != NO_ERROR : Status == NO_ERROR)
        Locks[At].Writers ? Locks[At].Writers-- : Locks[At].Readers--;
#ifdef WAKES
    pthread_cond_broadcast(&Changed);
#endif
    pthread_mutex_unlock(&Mutex);
    return Status;
}

uint32_t RtmTestReset(void)
{
    uint32_t (*Call)() = dlsym(RTLD_NEXT, "RtmTestReset");
    Count = 0;
    for (int Index = 0; Index < 64; Index++)
        Locks[Index].Writers = Locks[Index].Readers = 0;
    return Call();
}
