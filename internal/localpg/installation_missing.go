package localpg

import (
	"os"
	"strings"

	"earshot/feedback"
)

// notFound says that no server was found, and what to do about it on this system. release is the content of
// /etc/os-release; rejected says what is wrong with each server that was looked at.
func notFound(rejected []string, goos, release string) error {
	const otherwise = "or set EARSHOT_DATABASE_URL to a PostgreSQL with pgvector"
	var todo string
	switch {
	case goos == "darwin":
		todo = "run: brew install postgresql@17 pgvector"
	case goos == "linux" && releaseIs(release, "debian", "ubuntu"):
		todo = "run make setup in the source folder; or add PostgreSQL's own apt repository and run: apt install postgresql-17-pgvector"
	case goos == "linux" && releaseIs(release, "fedora", "rhel", "centos"):
		todo = "run: dnf install postgresql-server pgvector"
	default:
		todo = "install PostgreSQL and pgvector " + minPgvector + " or newer, or run: docker compose up"
	}
	what := "no PostgreSQL server was found"
	if len(rejected) > 0 {
		what = "no PostgreSQL server with pgvector was found (" + strings.Join(rejected, "; ") + ")"
	}
	return feedback.Errorf(feedback.Unavailable, "%s", what).WithHint("%s; %s", todo, otherwise)
}

func osRelease() string {
	b, _ := os.ReadFile("/etc/os-release")
	return string(b)
}

// releaseIs tells whether ID or ID_LIKE names one of the distributions.
func releaseIs(release string, names ...string) bool {
	for line := range strings.Lines(release) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key != "ID" && key != "ID_LIKE" {
			continue
		}
		for _, word := range strings.Fields(strings.Trim(value, `"'`)) {
			for _, name := range names {
				if word == name {
					return true
				}
			}
		}
	}
	return false
}
