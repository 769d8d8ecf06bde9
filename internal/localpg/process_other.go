//go:build unix && !linux

package localpg

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent does nothing: these systems have no such signal, and the next Start ends the server that is left over.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}

// serverProcesses gives the master of pgdata while it lives; its children end by themselves soon after it.
func serverProcesses(_ string, master int) []int {
	if !alive(master) {
		return nil
	}
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(master)).Output()
	if err != nil || !strings.Contains(string(out), "postgres") {
		return nil
	}
	return []int{master}
}
