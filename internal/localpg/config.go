package localpg

import (
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"earshot/feedback"
)

// Config says which cluster to run, and how.
type Config struct {
	// Bin is the bin folder of a PostgreSQL server that has pgvector. The default is what [Find] finds.
	Bin string

	// Dir is the folder that holds the cluster. It is made when it is missing, and belongs to this package alone.
	Dir string

	// Account is the system account that runs a new cluster's server when this process is root. The default is postgres,
	// or nobody where that does not exist. A cluster that exists keeps the account that owns it.
	Account string

	// Settings are PostgreSQL settings by name. They go before the defaults, which suit one machine with two cores and a
	// few gigabytes, and lose nothing that was committed.
	Settings map[string]string

	// Exclusive makes Start fail with a conflict rather than attach when another process runs the cluster.
	Exclusive bool

	// Log receives what the server says. Nothing is logged by default.
	Log *slog.Logger
}

func (cfg Config) withDefaults() (Config, error) {
	if cfg.Dir == "" {
		return cfg, feedback.Errorf(feedback.Invalid, "no folder for the database was given")
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return cfg, feedback.Errorf(feedback.Invalid, "database folder %s: %w", cfg.Dir, err)
	}
	cfg.Dir = dir
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return cfg, nil
}

// arguments gives the server's command line. Settings are passed there and not written to a file, so that those of this
// version hold for a cluster that an earlier one made.
func (cfg Config) arguments(pgdata, socketDir string, installation Installation) []string {
	settings := map[string]string{
		"listen_addresses":        "",
		"port":                    strconv.Itoa(port),
		"unix_socket_directories": socketDir,
		"unix_socket_permissions": "0700",

		"shared_buffers":       "256MB",
		"effective_cache_size": "1GB",
		"work_mem":             "16MB",
		"maintenance_work_mem": "256MB",
		"max_connections":      "60",
		"random_page_cost":     "1.1",
		// Compiling a plan costs more than any of Earshot's queries.
		"jit": "off",

		"wal_level":                    "minimal",
		"max_wal_senders":              "0",
		"wal_compression":              "on",
		"max_wal_size":                 "2GB",
		"checkpoint_timeout":           "15min",
		"checkpoint_completion_target": "0.9",

		// By this name the server knows it without the system's time zone files, which small images lack.
		"timezone":     "GMT",
		"log_timezone": "GMT",
		// Errors of statements go to the client. In the server's log they would carry the text of feedback.
		"log_min_messages":        "log",
		"log_min_error_statement": "panic",
		"log_error_verbosity":     "terse",
		"log_checkpoints":         "off",
		"log_line_prefix":         "",
		"logging_collector":       "off",
	}
	if installation.overflowsParallelBuild() {
		settings["max_parallel_maintenance_workers"] = "0"
	}
	maps.Copy(settings, cfg.Settings)
	args := []string{"-D", pgdata}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// clusterMajor gives the major version of the server that made the cluster in pgdata, and 0 when there is no cluster.
func clusterMajor(pgdata string) (int, error) {
	b, err := os.ReadFile(filepath.Join(pgdata, "PG_VERSION"))
	if os.IsNotExist(err) {
		return 0, nil
	}
	if err != nil {
		return 0, folderError(pgdata, err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, feedback.Errorf(feedback.Conflict, "%s is damaged: its PG_VERSION is not a number", pgdata).
			WithHint("restore it from a backup, or move it away to start with an empty database")
	}
	return major, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Type() == fs.ModeDir
}
