package app_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"earshot/app"
	"earshot/feedback"
)

func read(env map[string]string) (app.Config, error) {
	return app.ReadConfig(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
}

func TestEverySettingHasADefaultThatCanBeRead(t *testing.T) {
	cfg, err := read(nil)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.DataDir != "data" || cfg.Workspace != "default" || cfg.Listen != "127.0.0.1:8377" || cfg.ReclusterEach != time.Hour {
		t.Errorf("%+v", cfg)
	}
	for _, s := range app.Settings() {
		if !strings.HasPrefix(s.Env, "EARSHOT_") || !strings.HasSuffix(s.Doc, ".") {
			t.Errorf("setting %q: %q", s.Env, s.Doc)
		}
	}
}

func TestAValueThatCannotBeIsInvalidAndNamesItsSetting(t *testing.T) {
	for env, value := range map[string]string{
		"EARSHOT_BATCH_SIZE":           "many",
		"EARSHOT_DATABASE_CONNECTIONS": "0",
		"EARSHOT_GRANULARITY":          "6",
		"EARSHOT_EMBEDDER":             "word2vec",
		"EARSHOT_RECLUSTER_EACH":       "-1h",
		"EARSHOT_SEED":                 "-1",
		"EARSHOT_WORKSPACE":            "a.b",
		"EARSHOT_LOG_LEVEL":            "loud",
	} {
		_, err := read(map[string]string{env: value})
		if feedback.ErrorCode(err) != feedback.Invalid || !strings.Contains(err.Error(), env) {
			t.Errorf("%s=%s: %v", env, value, err)
		}
	}
}

func TestTheReadmeHoldsTheTableOfSettings(t *testing.T) {
	var table strings.Builder
	table.WriteString("| setting | default | what it is |\n|---|---|---|\n")
	for _, s := range app.Settings() {
		def := "`" + s.Default + "`"
		if s.Default == "" {
			def = ""
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", s.Env, def, s.Doc)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), table.String()) {
		t.Errorf("README.md lacks the table of settings, or an old one stands there; it is:\n%s", table.String())
	}
}
