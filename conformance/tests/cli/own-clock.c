/* The reference, its test hooks hidden, with a clock that runs by itself. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* How often time is let pass, in microseconds. */
#define TICK_US 2000

/* Whoever looks for a hook here finds none. */
__asm__(".globl RtmTestAdvanceClock\n.set RtmTestAdvanceClock, 0\n"
        ".globl RtmTestSettle\n.set RtmTestSettle, 0\n"
        ".globl RtmTestReset\n.set RtmTestReset, 0\n"
        ".globl RtmTestConfigure\n.set RtmTestConfigure, 0\n");

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void *run(void *advance_clock)
{
    uint32_t (*advance)(uint32_t) = (uint32_t (*)(uint32_t))advance_clock;
    uint64_t last = now_ms();

    for (;;) {
        uint64_t now;

        usleep(TICK_US);
        now = now_ms();
        advance((uint32_t)(now - last));
        last = now;
    }
    return NULL;
}

__attribute__((constructor)) static void start(void)
{
    void *reference = dlopen(REFERENCE, RTLD_NOW);
    void *advance = reference == NULL ? NULL : dlsym(reference, "RtmTestAdvanceClock");
    pthread_t thread;

    if (advance == NULL || pthread_create(&thread, NULL, run, advance) != 0) {
        abort();
    }
}
