package chaos

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// startWait is how long a process may take to be up; a database that recovers after a kill is part of it.
const startWait = 90 * time.Second

// process is a part of the harness that runs by itself.
type process struct {
	cmd  *exec.Cmd
	life io.WriteCloser // its standard input: the process ends with the harness
	log  *os.File
	gone chan struct{}
}

// spawn runs this program again in another role, and returns when it says that it is up. A process that dies before is
// no error of spawn's: the caller sees it by gone.
func spawn(ctx context.Context, role, logFile string, env []string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Dir = filepath.Dir(logFile)
	for _, v := range os.Environ() {
		// The settings of this shell are none of the harness's, but for the place of Postgres.
		if !strings.HasPrefix(v, "EARSHOT_") || strings.HasPrefix(v, "EARSHOT_POSTGRES_BIN=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(append(cmd.Env, env...), roleVar+"="+role)
	cmd.Stderr = log
	p := &process{cmd: cmd, log: log, gone: make(chan struct{})}
	said, err := cmd.StdoutPipe()
	if err == nil {
		p.life, err = cmd.StdinPipe()
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	ready := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(said)
		for lines.Scan() {
			if lines.Text() == up {
				close(ready)
			}
		}
		_ = cmd.Wait()
		_ = log.Close()
		close(p.gone)
	}()
	late := time.NewTimer(startWait)
	defer late.Stop()
	select {
	case <-ready:
	case <-p.gone:
	case <-ctx.Done():
		p.kill()
		return nil, ctx.Err()
	case <-late.C:
		p.kill()
		return nil, fmt.Errorf("the %s was not up after %s; see %s", role, startWait, logFile)
	}
	return p, nil
}

// kill ends the process with SIGKILL and waits until it is gone.
func (p *process) kill() {
	if p == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	<-p.gone
	_ = p.life.Close()
}

// died says whether the process is gone, without waiting.
func (p *process) died() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}
