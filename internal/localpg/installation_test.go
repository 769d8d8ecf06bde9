package localpg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/feedback"
)

func TestFindOnThisMachine(t *testing.T) {
	t.Setenv("EARSHOT_POSTGRES_BIN", "")
	in, err := Find(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	if in.Major < minMajor || !strings.HasPrefix(in.Version, fmt.Sprint(in.Major)) || compareVersions(in.Pgvector, minPgvector) < 0 {
		t.Errorf("found %+v", in)
	}

	t.Setenv("EARSHOT_POSTGRES_BIN", in.Bin)
	named, err := Find(t.Context(), Config{})
	if err != nil || named != in {
		t.Errorf("by name: %+v, %v", named, err)
	}
	t.Setenv("EARSHOT_POSTGRES_BIN", "/nonexistent")
	_, err = Find(t.Context(), Config{})
	wantError(t, err, feedback.Unavailable, "/nonexistent", "no postgres there", "EARSHOT_POSTGRES_BIN")
}

func TestInspect(t *testing.T) {
	for _, test := range []struct {
		name, version, control string
		want                   Installation
		wantErr                string
	}{
		{
			name: "good", version: "postgres (PostgreSQL) 17.2 (Debian 17.2-1)", control: "comment = 'x'\ndefault_version = '0.8.4'\n",
			want: Installation{Version: "17.2", Major: 17, Pgvector: "0.8.4"},
		},
		{name: "beta", version: "postgres (PostgreSQL) 19beta1", control: "default_version='0.9.0'", want: Installation{Version: "19beta1", Major: 19, Pgvector: "0.9.0"}},
		{name: "without pgvector", version: "postgres (PostgreSQL) 16.1", wantErr: "no pgvector"},
		{name: "old pgvector", version: "postgres (PostgreSQL) 16.1", control: "default_version = '0.6.0'", wantErr: "pgvector 0.6.0 is older"},
		{name: "old server", version: "postgres (PostgreSQL) 9.6.24", control: "default_version = '0.8.0'", wantErr: "9.6.24 is too old"},
		{name: "something else", version: "hello", wantErr: `answers "hello"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			prefix := folder(t)
			bin := filepath.Join(prefix, "bin")
			write(t, filepath.Join(bin, "postgres"), "#!/bin/sh\necho '"+test.version+"'\n")
			write(t, filepath.Join(bin, "initdb"), "#!/bin/sh\n")
			if test.control != "" {
				write(t, filepath.Join(prefix, "share", "postgresql", "extension", "vector.control"), test.control)
			}
			got, err := inspect(t.Context(), bin)
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Errorf("the error is %v, want %q", err, test.wantErr)
				}
				return
			}
			test.want.Bin = bin
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

func TestInspectSaysWhyAServerDoesNotRun(t *testing.T) {
	bin := filepath.Join(folder(t), "bin")
	write(t, filepath.Join(bin, "postgres"), "#!/bin/sh\necho 'libicu.so.1: cannot open shared object file' >&2\nexit 127\n")
	write(t, filepath.Join(bin, "initdb"), "#!/bin/sh\n")
	if _, err := inspect(t.Context(), bin); err == nil || !strings.Contains(err.Error(), "libicu.so.1") {
		t.Errorf("the error is %v", err)
	}
}

func TestMissingServerSaysWhatToInstall(t *testing.T) {
	for _, test := range []struct{ name, goos, release, want string }{
		{"macOS", "darwin", "", "brew install postgresql@17 pgvector"},
		{"Debian", "linux", "NAME=\"Debian\"\nID=debian\n", "make setup"},
		{"a descendant of Ubuntu", "linux", "ID=pop\nID_LIKE=\"ubuntu debian\"\n", "apt install postgresql-17-pgvector"},
		{"Fedora", "linux", "ID=fedora\n", "dnf install postgresql-server pgvector"},
		{"another Linux", "linux", "ID=alpine\n", "docker compose"},
		{"another system", "freebsd", "", "docker compose"},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantError(t, notFound(nil, test.goos, test.release), feedback.Unavailable, "no PostgreSQL", test.want, "EARSHOT_DATABASE_URL")
		})
	}
	wantError(t, notFound([]string{"/usr/bin: no pgvector"}, "linux", ""), feedback.Unavailable, "with pgvector", "/usr/bin: no pgvector")
}

func TestCompareVersions(t *testing.T) {
	ordered := []string{"", "0.6.0", "0.8", "0.8.0", "0.8.2", "0.8.10", "0.9", "1.0", "postgresql-9/bin", "postgresql-10/bin"}
	for i, a := range ordered {
		for j, b := range ordered {
			if got, want := compareVersions(a, b), min(max(i-j, -1), 1); got != want {
				t.Errorf("%q with %q is %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestServerThatDiesAtStartSaysWhy(t *testing.T) {
	cfg := quick(filepath.Join(folder(t), "pg"))
	cfg.Settings["shared_buffers"] = "much"
	_, err := Start(t.Context(), cfg)
	if feedback.ErrorCode(err) != feedback.Unavailable || !strings.Contains(err.Error(), `"shared_buffers"`) {
		t.Errorf("the error is %v", err)
	}
	var coded *feedback.Error
	if !errors.As(err, &coded) {
		t.Error("the error carries no code")
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}
