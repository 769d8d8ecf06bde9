package chaos

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"earshot/app"
	"earshot/feedback"
	"earshot/internal/crash"
	"earshot/queue"
	"earshot/web"
)

// What the environment tells a process of the harness.
const (
	roleVar    = "CHAOS_ROLE"     // victim or nats
	crashVar   = "CHAOS_CRASH"    // the point at which to die and the how manieth time it is reached: ingest.saved:2
	ackWaitVar = "CHAOS_ACK_WAIT" // after which a delivery that a dead worker held comes again
	clockVar   = "CHAOS_CLOCK"    // how wrong the process's clock is
	refuseVar  = "CHAOS_REFUSE"   // refuse messages with the fixable word: a fault that a later version mends
	replayVar  = "CHAOS_REPLAY"   // replay all dead letters at the start
	earlyVar   = "CHAOS_EARLY"    // acknowledge before anything is saved
	natsDirVar = "CHAOS_NATS_DIR"
	natsVar    = "CHAOS_NATS_LISTEN"
	tokenVar   = "CHAOS_NATS_TOKEN"
)

// The words in a message that make the handler of a victim do harm, as a fault of a decoder would.
const (
	fixableWord = "quarrelsome"  // refused while CHAOS_REFUSE is set
	panicWord   = "panicmongers" // the decoder panics
	killWord    = "killswitches" // the process dies
)

const up = "up"

// Main plays the part that the environment names, and does not return then. Without one it does nothing.
func Main() {
	var err error
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	switch os.Getenv(roleVar) {
	case "":
		stop()
		return
	case "victim":
		go dieWithParent()
		err = victim(ctx)
	case "nats":
		go dieWithParent()
		err = natsServer(ctx)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// dieWithParent ends the process when the harness is gone: standard input is a pipe that nobody writes to.
func dieWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	die()
}

// victim is earshot serve with all roles, and with what the harness asks for.
func victim(ctx context.Context) error {
	cfg, err := app.FromEnvironment()
	if err != nil {
		return err
	}
	if err := armCrash(os.Getenv(crashVar)); err != nil {
		return err
	}
	skew, err := duration(clockVar)
	if err != nil {
		return err
	}
	ackWait, err := duration(ackWaitVar)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	listener, err := web.Listen(ctx, cfg.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	a, err := app.Open(ctx, cfg, app.Options{
		Queue: true, Alone: true, Log: log,
		Now: func() time.Time { return time.Now().Add(skew) },
		Consumer: func(c *queue.ConsumerConfig) {
			c.AckWait = ackWait
			if c.Stage == queue.Ingest {
				c.Handler = faulty{c.Handler, os.Getenv(refuseVar) != "", os.Getenv(earlyVar) != ""}
			}
		},
	})
	if err != nil {
		return err
	}
	defer a.Close()
	roles := app.AllRoles
	if os.Getenv(earlyVar) != "" {
		// Without the schedule, which finds in the books what was acknowledged too early and has it handled again.
		roles = []app.Role{app.RoleIngest, app.RoleClassify, app.RoleWeb}
	}
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	wait, err := a.StartWorkers(working, roles)
	if err != nil {
		return err
	}
	pages, err := a.Pages("chaos")
	if err != nil {
		return err
	}
	fmt.Println(up)
	if os.Getenv(replayVar) != "" {
		if _, err := a.ReplayDead(ctx, cfg.Workspace, nil, feedback.DeadFilter{}, nil, func(feedback.ID, error) {}); err != nil {
			return err
		}
	}
	err = pages.Serve(ctx, listener)
	stop()
	if waitErr := wait(); err == nil {
		err = waitErr
	}
	return err
}

func duration(name string) (time.Duration, error) {
	if os.Getenv(name) == "" {
		return 0, nil
	}
	return time.ParseDuration(os.Getenv(name))
}

// armCrash has the process killed at a point, as point:n says.
func armCrash(where string) error {
	if where == "" {
		return nil
	}
	name, text, _ := strings.Cut(where, ":")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return err
	}
	var reached atomic.Int64
	crash.Arm(func(p crash.Point) {
		if string(p) == name && reached.Add(1) == n {
			die()
		}
	})
	return nil
}

// die is what kill -9 does: nothing is flushed, closed or said.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// faulty is a handler with the faults that the harness needs.
type faulty struct {
	feedback.Handler
	refuses, early bool
}

func (f faulty) Handle(ctx context.Context, batch []feedback.Message) []error {
	good := make([]feedback.Message, 0, len(batch))
	errs := make([]error, len(batch))
	at := make([]int, 0, len(batch))
	for i, m := range batch {
		switch {
		case bytes.Contains(m.Data, []byte(killWord)):
			die()
		case bytes.Contains(m.Data, []byte(panicWord)): // what stage ingest makes of a panic over one message
			errs[i] = feedback.Errorf(feedback.Internal, "prepare item: the decoder failed: string")
			continue
		case f.refuses && bytes.Contains(m.Data, []byte(fixableWord)):
			errs[i] = feedback.Errorf(feedback.Invalid, "this version cannot read the message")
			continue
		}
		good, at = append(good, m), append(at, i)
	}
	if f.early {
		go func() {
			time.Sleep(time.Second) // as long as a process of the test lives: what it has in hand is lost with it
			f.Handler.Handle(context.WithoutCancel(ctx), good)
		}()
		return errs
	}
	for k, err := range f.Handler.Handle(ctx, good) {
		errs[at[k]] = err
	}
	return errs
}

// natsServer is a NATS server in a process of its own, as an operator would run one, with Earshot's limits.
func natsServer(ctx context.Context) error {
	server, err := queue.StartServer(ctx, queue.ServerConfig{
		Dir: os.Getenv(natsDirVar), Listen: os.Getenv(natsVar), Token: os.Getenv(tokenVar), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	defer server.Stop()
	fmt.Println(up)
	<-ctx.Done()
	return nil
}
