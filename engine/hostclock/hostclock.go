// Package hostclock reads the clock of the host, fine enough to time a submission to the GPU.
package hostclock

import "time"

// Since returns the time that has passed since a reading of Now.
func Since(start time.Time) time.Duration { return Now().Sub(start) }

// span returns how long a counter takes for so many ticks. Whole seconds are apart, so that days of ticks do not
// overflow.
func span(ticks, perSecond int64) time.Duration {
	return time.Duration(ticks/perSecond)*time.Second + time.Duration(ticks%perSecond*int64(time.Second)/perSecond)
}
