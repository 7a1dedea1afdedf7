// Package schedule turns a schedule into data intervals, and fires each of them
// once.
//
//	plan, err := schedule.Parse(schedule.Spec{Schedule: "0 * * * *", Zone: "Europe/Berlin", Delay: 2 * time.Minute})
//	fire := plan.Next(now) // at 14:02: score [13:00, 14:00)
//
// A schedule has nominal times. At each of them an interval of data ends, and its
// run starts the delay later. Plan is pure; Scheduler is the service that keeps a
// ledger's jobs fired.
//
// # Invariants
//
//   - The interval of a nominal time is a function of the Spec and that time alone,
//     so that a restart, a backfill and another machine name the same intervals. But
//     for one: when a schedule has changed, its first interval begins where the
//     last one of the old schedule ended, if it would have begun before.
//   - Without a length of their own, intervals tile time: no gap, no overlap, also
//     on a day of 23 or 25 hours. With one, each is exactly that long, and there may
//     be gaps; a length of which two would overlap is refused.
//   - An interval is fired once whatever crashes: its run and the cursor of its job
//     are one transaction of the ledger, which refuses a second run.
//   - The cursor never moves back. A clock that jumps back fires nothing twice; one
//     that jumps forward is like a service that was down.
//
// # Schedules
//
//	0 * * * *       minute, hour, day of the month, month, day of the week
//	30 0 * * * *    the same, with seconds first
//	@hourly         also @daily, @midnight, @weekly, @monthly, @yearly, @annually
//	@every 10s      the multiples of 10 s since 1970, in any zone
//
// A field is *, a number, a range or a list, with steps; months and weekdays have
// names. Beyond that L is the last day of the month, L-2 two days before it, 15W
// the weekday nearest to the 15th, LW the last weekday, FRI#2 the second Friday and
// FRI#L the last. As in Vixie cron, if neither day field begins with * a day needs
// to match only one of them.
//
// # Daylight saving
//
// Where the clock skips an hour, what was to come in it comes at the instant it
// would have come at had the clock not been changed: 02:30 comes at 03:30, a day
// after the last. Nothing is lost, and what falls on a nominal time that is there
// anyway, as 02:00 of an hourly schedule does, is one with it.
//
// Where the clock shows an hour twice, a schedule whose minute or hour begins with
// *, or that names every hour, fires in both, as in Vixie cron. Any other fires in
// the first only: 02:30 comes once.
//
// # Catch-up
//
// What came due while the service was down or the job was paused is fired in full,
// oldest first (all); or the newest interval is fired and the others are passed over
// (latest); or all are passed over but one that came due within the last minute
// (none).
package schedule
