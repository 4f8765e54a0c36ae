/* Answers each question about a client in good time, and takes its time. */
#include <unistd.h>
#define PAUSE() usleep(200 * 1000)
#include "five-functions.c"
