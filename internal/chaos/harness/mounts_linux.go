package main

import (
	"os"
	"runtime"
	"syscall"
)

const ownMountsVar = "CHAOS_OWN_MOUNTS"

// ownMounts starts the program again where what it mounts is seen by itself and its children alone, and is gone with the
// last of them however they end. It returns where that was done, or may not be done.
func ownMounts() {
	if os.Getenv(ownMountsVar) != "" {
		return
	}
	self, err := os.Executable()
	if err != nil {
		return
	}
	runtime.LockOSThread() // what is not shared is a thread's, until it becomes the program
	defer runtime.UnlockOSThread()
	if err := syscall.Unshare(syscall.CLONE_NEWNS); err != nil {
		return
	}
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return
	}
	_ = syscall.Exec(self, os.Args, append(os.Environ(), ownMountsVar+"=1"))
}
