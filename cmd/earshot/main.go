// Command earshot turns customer feedback into decisions: it takes feedback from a queue, HTTP or a file, groups it into
// clusters whose identity is permanent, and writes the Pulse. See the README, or run earshot help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

// version is set by the linker to what git describes.
var version = "development"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes. They stand in the help of the root command.
const (
	exitOK          = 0
	exitFailed      = 1 // a fault of Earshot's own
	exitUsage       = 2 // the command line or a setting is wrong
	exitInvalid     = 3 // input was refused, wholly or in part
	exitNotFound    = 4
	exitUnavailable = 5 // a database, queue or model is away
	exitConflict    = 6 // the state forbids it
	exitInterrupted = 130
)

var exitCodes = map[feedback.Code]int{
	feedback.Invalid:     exitInvalid,
	feedback.TooLarge:    exitInvalid,
	feedback.NotFound:    exitNotFound,
	feedback.Unavailable: exitUnavailable,
	feedback.Conflict:    exitConflict,
	feedback.Internal:    exitFailed,
}

// errUsage marks what cobra says of a command line.
var errUsage = errors.New("usage")

// run runs one command line and gives its exit code.
func run(ctx context.Context, args []string, lookup func(string) (string, bool), in io.Reader, out, errs io.Writer) int {
	c := &cli{lookup: lookup, in: in, out: out, errs: errs}
	root := c.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil && (errors.Is(err, context.Canceled) || feedback.ErrorCode(err) == feedback.Unavailable):
		fmt.Fprintln(errs, "earshot: interrupted")
		return exitInterrupted
	}
	fmt.Fprintln(errs, "earshot:", oneLine(err))
	if errors.Is(err, errUsage) {
		return exitUsage
	}
	return exitCodes[feedback.ErrorCode(err)]
}

// oneLine keeps an error that wraps another program's words on one line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// cli is what the commands share.
type cli struct {
	lookup    func(string) (string, bool)
	in        io.Reader
	out, errs io.Writer

	dataDir, workspace, logLevel string
	json, hidden                 bool
}

func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "earshot",
		Short: "Customer feedback, from every channel, turned into decisions",
		Long: `Earshot takes customer feedback from a queue, HTTP or a file, groups it into clusters whose
identity is permanent, links them to your product's features, and writes the Pulse: a page
that says what customers need, what changed and what is at stake, every number from SQL and
every quote verbatim. It needs no key and no network.

Exit codes: 0 done; 1 a fault of Earshot's own; 2 the command line or a setting is wrong;
3 input was refused, wholly or in part; 4 not found; 5 a database, queue or model is away;
6 the state forbids it; 130 interrupted.`,
		Example: `  earshot demo                                 the sample workspace, from feedback to Pulse
  earshot import reviews.csv                   your own feedback
  earshot recluster && earshot report          group it, and write the Pulse
  earshot serve                                pages, API and workers on 127.0.0.1:8377`,
		Version: version,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return fmt.Errorf("%w: there is no command %q (see earshot --help)", errUsage, args[0])
		},
		Run:           func(cmd *cobra.Command, _ []string) { _ = cmd.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("earshot {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w (see %s --help)", errUsage, err, cmd.CommandPath())
	})
	flags := root.PersistentFlags()
	flags.StringVar(&c.dataDir, "data-dir", "", "data folder (EARSHOT_DATA_DIR)")
	flags.StringVarP(&c.workspace, "workspace", "w", "", "workspace (EARSHOT_WORKSPACE)")
	flags.StringVar(&c.logLevel, "log-level", "", "debug, info, warn or error (EARSHOT_LOG_LEVEL)")
	root.AddCommand(
		c.demoCommand(), c.serveCommand(), c.importCommand(), c.publishCommand(), c.reclusterCommand(), c.reportCommand(),
		c.clustersCommand(), c.clusterCommand(), c.unassignedCommand(), c.runsCommand(), c.searchCommand(), c.scheduleCommand(), c.alertsCommand(),
		c.booksCommand(), c.deadCommand(), c.featuresCommand(), c.customersCommand(), c.explainCommand(), c.evalCommand(),
		c.migrateCommand(), c.doctorCommand(), c.forgetCommand(), c.versionCommand(),
	)
	return root
}

// exactArgs is cobra's, with the error that makes the exit code.
func exactArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cobra.ExactArgs(n)(cmd, args); err != nil {
			return fmt.Errorf("%w: %w: it is %s (see %s --help)", errUsage, err, cmd.UseLine(), cmd.CommandPath())
		}
		if err := cmd.ValidateFlagGroups(); err != nil { // which cobra would tell as a fault of ours
			return fmt.Errorf("%w: %w (see %s --help)", errUsage, err, cmd.CommandPath())
		}
		return nil
	}
}

// config reads the settings and puts the flags over them.
func (c *cli) config() (app.Config, error) {
	lookup := func(name string) (string, bool) {
		for env, flag := range map[string]string{
			"EARSHOT_DATA_DIR": c.dataDir, "EARSHOT_WORKSPACE": c.workspace, "EARSHOT_LOG_LEVEL": c.logLevel,
		} {
			if name == env && flag != "" {
				return flag, true
			}
		}
		return c.lookup(name)
	}
	cfg, err := app.ReadConfig(lookup)
	if err != nil {
		return cfg, fmt.Errorf("%w: %w", errUsage, err)
	}
	return cfg, nil
}

// open reads the settings and opens the app, with what the command needs.
func (c *cli) open(ctx context.Context, opts app.Options) (*app.App, error) {
	cfg, err := c.config()
	if err != nil {
		return nil, err
	}
	return c.openWith(ctx, cfg, opts, slog.LevelWarn)
}

func (c *cli) openWith(ctx context.Context, cfg app.Config, opts app.Options, level slog.Level) (*app.App, error) {
	opts.Log = c.logger(cfg, level)
	opts.Version = version
	return app.Open(ctx, cfg, opts)
}

// logger writes to standard error, at the level of the settings or else the command's own.
func (c *cli) logger(cfg app.Config, level slog.Level) *slog.Logger {
	if cfg.LogLevel != "" {
		_ = level.UnmarshalText([]byte(cfg.LogLevel)) // ReadConfig let only levels pass
	}
	opts := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(c.errs, opts))
	}
	return slog.New(slog.NewTextHandler(c.errs, opts))
}

// jsonFlag adds --json to a command that a program would read.
func (c *cli) jsonFlag(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&c.json, "json", false, "print JSON")
	return cmd
}
