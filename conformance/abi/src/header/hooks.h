/* Hooks that an implementation may export for tests; no part of RTMv2.
 *
 * Each is used if it is exported, and each returns 0 (NO_ERROR) when it has done what it is asked
 * for. Another status of the first two or the last fails nothing and is printed as a remark.
 *
 * RtmTestAdvanceClock lets that much time of the library's own clock pass without waiting for it.
 * Before it returns everything that falls due has happened, in the order of its times: routes
 * expire, hold-downs end, and whoever is to be told has been called, on this thread or another.
 * Time must pass in no other way. Without the hook the caller sleeps for as long.
 *
 * RtmTestSettle returns when no event waits to be delivered: change notifications and entity
 * events that earlier calls have caused were delivered and the callbacks have returned. It
 * moves no clock. Without the hook the caller waits until no callback has come for a while.
 *
 * RtmTestReset goes back to the state just after loading: registrations, objects, handles, what
 * waits to be delivered and the time that has passed are gone, no callback is made; what
 * RtmTestConfigure has set stays. It is called with no other call or callback on its way. Without
 * the hook, or when it fails, each run has a process of its own, which is slower.
 *
 * RtmTestConfigure sets a limit, which holds at once while nobody is registered. It returns 87
 * (ERROR_INVALID_PARAMETER) for a name that the library does not know or a value that it does not
 * take; it need not know any. These are the names that the reference knows:
 *   max-next-hops-in-route   RTM_REGN_PROFILE.MaxNextHopsInRoute, 1 to 65535
 *   max-handles-in-enum      RTM_REGN_PROFILE.MaxHandlesInEnum, 1 to 65535
 *   views-supported          RTM_REGN_PROFILE.ViewsSupported, 1 to 3
 *   opaque-slots             opaque slots of a table, 0 to 4294967295
 *   entities                 most clients of a table, 1 to 65535
 *   notifications            most change notifications of a table, 0 to 4294967295
 *   default-preference       preference of routes that come with 0, 1 to 4294967295
 *   instances                how many RTM instances there are, from 0 on, 1 to 65536
 *   families                 which are served: bit 0 for IPv4, bit 1 for IPv6 */
