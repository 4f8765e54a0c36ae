/* Finds the page in which the process notes what it does: the number of the process is its first
 * word, that of the run the third, that of the step the fourth. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static volatile uint32_t *Journal(void)
{
    FILE *Maps = fopen("/proc/self/maps", "r");
    char Line[512];
    unsigned long Start = 0;
    while (fgets(Line, sizeof Line, Maps))
        if (strstr(Line, "rtm-journal"))
            sscanf(Line, "%lx", &Start);
    fclose(Maps);
    return (volatile uint32_t *)Start;
}
