package main

import (
	"os"
	"os/signal"
	"syscall"
)

// onReload calls do for every SIGHUP, one after the other, until it is stopped.
func onReload(do func()) (stop func()) {
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(signals, syscall.SIGHUP)
	go func() {
		defer close(done)
		for range signals {
			do()
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
		<-done
	}
}
