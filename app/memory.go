package app

import (
	"runtime/debug"
	"sync"
)

// tight is how much garbage may lie about while excerpts are grouped, in percent of what is in use. A run holds gigabytes
// for minutes and makes little garbage: by the usual measure half of the memory would be waste.
const tight = 10

// collector counts the runs that want memory kept tight.
var collector struct {
	sync.Mutex
	runs  int
	usual int
}

// keepMemoryTight makes the garbage collector run more often until the function that it gives is called.
func keepMemoryTight() func() {
	collector.Lock()
	defer collector.Unlock()
	if collector.runs++; collector.runs == 1 {
		collector.usual = debug.SetGCPercent(tight)
	}
	return func() {
		collector.Lock()
		defer collector.Unlock()
		if collector.runs--; collector.runs == 0 {
			debug.SetGCPercent(collector.usual)
		}
	}
}
