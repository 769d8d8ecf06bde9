package localpg

import (
	"path/filepath"
	"testing"
)

func TestServerEndsWithItsKilledOwner(t *testing.T) {
	cfg := made(t)
	h := startHelper(t, cfg, false)
	a := h.mustStart(t)
	pgdata := filepath.Join(a.Dir, pgdataName)
	if len(serverProcesses(pgdata, a.Pid)) == 0 {
		t.Fatal("no process of the server is seen")
	}
	h.kill()
	eventually(t, "the server has ended by itself", func() bool { return len(serverProcesses(pgdata, a.Pid)) == 0 })
}
