package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"earshot/feedback"
)

// minPgvector is the first version with everything that Earshot's statements use (halfvec, iterative index scans).
const minPgvector = "0.8.0"

// minMajor is the oldest PostgreSQL that Earshot's statements run on.
const minMajor = 14

// Installation is a PostgreSQL server on this machine.
type Installation struct {
	Bin      string // the folder of postgres and initdb
	Version  string // for example 15.18
	Major    int    // for example 15
	Pgvector string // version of the pgvector that it offers, for example 0.8.0
	Libs     string // folder of shared libraries that the server needs and the system lacks, or ""
}

// Find gives the server that Start would run: that of cfg.Bin or else of the environment's EARSHOT_POSTGRES_BIN, when one
// of them is set; otherwise the first with pgvector among the private ones that scripts/setup.sh builds, the system's,
// newest first, and that of PATH. A server of the version that made the cluster in cfg.Dir goes before all others.
//
// The error is Unavailable, and says what to install on this system.
func Find(ctx context.Context, cfg Config) (Installation, error) {
	chosen := cfg.Bin
	if chosen == "" {
		chosen = os.Getenv("EARSHOT_POSTGRES_BIN")
	}
	if chosen != "" {
		installation, err := inspect(ctx, chosen)
		if err != nil {
			return Installation{}, feedback.Errorf(feedback.Unavailable, "the PostgreSQL server in %s can't be used: %w", chosen, err).
				WithHint("set EARSHOT_POSTGRES_BIN to the bin folder of a PostgreSQL %d or newer that has pgvector, or leave it unset", minMajor)
		}
		return installation, nil
	}

	var wanted int
	if cfg.Dir != "" {
		if dir, err := locate(cfg.Dir); err == nil {
			wanted, _ = clusterMajor(filepath.Join(dir, pgdataName))
		}
	}
	var found []Installation
	var rejected []string
	for _, bin := range candidates() {
		installation, err := inspect(ctx, bin)
		if err != nil {
			if ctx.Err() != nil {
				return Installation{}, ctx.Err()
			}
			rejected = append(rejected, fmt.Sprintf("%s: %v", bin, err))
			continue
		}
		if wanted == 0 || installation.Major == wanted {
			return installation, nil
		}
		found = append(found, installation)
	}
	if len(found) > 0 {
		return found[0], nil
	}
	return Installation{}, notFound(rejected, runtime.GOOS, osRelease())
}

// candidates lists the bin folders on this machine that hold a server, best first.
func candidates() []string {
	var bins []string
	add := func(patterns ...string) {
		for _, pattern := range patterns {
			matches, _ := filepath.Glob(filepath.Join(pattern, "postgres"))
			for i := range matches {
				matches[i] = filepath.Dir(matches[i])
			}
			slices.SortFunc(matches, func(a, b string) int { return -compareVersions(a, b) })
			for _, bin := range matches {
				if !slices.Contains(bins, bin) {
					bins = append(bins, bin)
				}
			}
		}
	}
	for _, cache := range privatePrefixes() {
		add(filepath.Join(globEscape(cache), "postgresql-*-pgvector-*", "lib", "postgresql", "*", "bin"))
	}
	add("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
	add("/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin", "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin")
	add("/opt/homebrew/opt/postgresql/bin", "/usr/local/opt/postgresql/bin", "/usr/local/pgsql/bin")
	for _, program := range []string{"postgres", "pg_config"} {
		if path, err := exec.LookPath(program); err == nil {
			if path, err = filepath.EvalSymlinks(path); err == nil {
				add(globEscape(filepath.Dir(path)))
			}
		}
	}
	return bins
}

// privatePrefixes gives the folders where scripts/setup.sh builds servers. Those in a home are not for root: the account
// that runs root's server could not enter them.
func privatePrefixes() []string {
	const shared = "/var/cache/earshot"
	if os.Geteuid() == 0 {
		return []string{shared}
	}
	cache := os.Getenv("XDG_CACHE_HOME")
	if !filepath.IsAbs(cache) {
		home, err := os.UserHomeDir()
		if err != nil {
			return []string{shared}
		}
		cache = filepath.Join(home, ".cache")
	}
	return []string{filepath.Join(cache, "earshot"), shared}
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) ((\d+)\S*)`)

// inspect looks at the server of one bin folder. Its error is a phrase that says what is missing there.
func inspect(ctx context.Context, bin string) (Installation, error) {
	installation := Installation{Bin: bin}
	// <prefix>/lib/postgresql/<major>/bin has its libraries in <prefix>/lib/shared.
	if libs := filepath.Join(bin, "..", "..", "..", "shared"); isDir(libs) {
		installation.Libs = libs
	}
	for _, program := range []string{"postgres", "initdb"} {
		if !exists(filepath.Join(bin, program)) {
			return installation, fmt.Errorf("no %s there", program)
		}
	}
	out, err := installation.output(ctx, "postgres", "--version")
	if err != nil {
		return installation, err
	}
	match := versionLine.FindStringSubmatch(out)
	if match == nil {
		return installation, fmt.Errorf("postgres --version answers %q", strings.TrimSpace(out))
	}
	installation.Version = match[1]
	installation.Major, _ = strconv.Atoi(match[2])
	if installation.Major < minMajor {
		return installation, fmt.Errorf("PostgreSQL %s is too old", installation.Version)
	}
	installation.Pgvector, err = installation.pgvector(ctx)
	return installation, err
}

var errNoPgvector = errors.New("no pgvector")

// pgvector reads the version from the extension's control file.
func (in Installation) pgvector(ctx context.Context) (string, error) {
	var shares []string
	if exists(filepath.Join(in.Bin, "pg_config")) {
		if out, err := in.output(ctx, "pg_config", "--sharedir"); err == nil {
			shares = append(shares, strings.TrimSpace(out))
		}
	}
	major := strconv.Itoa(in.Major)
	shares = append(shares, // where the packages of systems that leave pg_config out put it
		filepath.Join(in.Bin, "..", "share"),
		filepath.Join(in.Bin, "..", "share", "postgresql"),
		filepath.Join(in.Bin, "..", "..", "..", "..", "share", "postgresql", major))
	for _, share := range shares {
		b, err := os.ReadFile(filepath.Join(share, "extension", "vector.control"))
		if err != nil {
			continue
		}
		version := controlVersion(string(b))
		if compareVersions(version, minPgvector) < 0 {
			return version, fmt.Errorf("its pgvector %s is older than %s", version, minPgvector)
		}
		return version, nil
	}
	return "", errNoPgvector
}

func controlVersion(control string) string {
	for line := range strings.Lines(control) {
		if name, value, ok := strings.Cut(line, "="); ok && strings.TrimSpace(name) == "default_version" {
			return strings.Trim(strings.TrimSpace(value), "'")
		}
	}
	return ""
}

// overflowsParallelBuild says whether building an index in parallel can write past its memory (CVE-2026-3172).
func (in Installation) overflowsParallelBuild() bool {
	return compareVersions(in.Pgvector, "0.8.2") < 0
}

func (in Installation) output(ctx context.Context, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(in.Bin, program), args...)
	cmd.Env = in.environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s does not run: %s", program, firstLine(string(out), err))
	}
	return string(out), nil
}

// environment is all that a server's process gets: a PGPORT or PGDATA that the user has set for another server must not
// reach it.
func (in Installation) environment() []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	if in.Libs != "" {
		env = append(env, "LD_LIBRARY_PATH="+in.Libs)
	}
	return env
}

func firstLine(output string, err error) string {
	if line, _, _ := strings.Cut(strings.TrimSpace(output), "\n"); line != "" {
		return line
	}
	return err.Error()
}

var digits = regexp.MustCompile(`\d+`)

// compareVersions compares the numbers in two strings one after the other, so that 9 sorts before 10.
func compareVersions(a, b string) int {
	numbers := func(s string) (list []int) {
		for _, d := range digits.FindAllString(s, -1) {
			n, _ := strconv.Atoi(d)
			list = append(list, n)
		}
		return list
	}
	return slices.Compare(numbers(a), numbers(b))
}

func globEscape(path string) string {
	return regexp.MustCompile(`[\\*?\[]`).ReplaceAllString(path, `\$0`)
}
