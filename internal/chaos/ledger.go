package chaos

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
)

// Ledger is the file in which the producers write down what was acknowledged, a line each: id and version. Versions of an
// id are acknowledged in their order.
type Ledger struct {
	mu   sync.Mutex
	file *os.File
}

// NewLedger makes the file.
func NewLedger(path string) (*Ledger, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	return &Ledger{file: file}, err
}

// acknowledged writes sendings down.
func (l *Ledger) acknowledged(sent []sending) error {
	var text strings.Builder
	for _, s := range sent {
		fmt.Fprintf(&text, "%s %d\n", s.id, s.version)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.file.WriteString(text.String())
	return err
}

// Last reads the file: the last version of each id that was acknowledged.
func (l *Ledger) Last() (map[string]int, error) {
	file, err := os.Open(l.file.Name())
	if err != nil {
		return nil, err
	}
	defer file.Close()
	last := map[string]int{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		id, text, _ := strings.Cut(lines.Text(), " ")
		version, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("a line of the ledger: %w", err)
		}
		last[id] = version
	}
	return last, lines.Err()
}

// Close closes the file.
func (l *Ledger) Close() error { return l.file.Close() }
