package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"earshot/eval"
	"earshot/ingest"
)

// secretKinds are the kinds of personal data that a text alone gives away; an author's name is known from a message.
var secretKinds = []ingest.Secret{ingest.SecretKey, ingest.SecretEmail, ingest.SecretIBAN, ingest.SecretCard, ingest.SecretNational,
	ingest.SecretMAC, ingest.SecretIP, ingest.SecretPhone}

func (c *cli) evalRedactCommand() *cobra.Command {
	var f evalFlags
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "redact --file FILE",
		Short: "Measure how much personal data is found, and how much else",
		Long: fmt.Sprintf(`Redact each text and compare what was replaced with the label, which is

  the kinds in the text, one for each occurrence   EMAIL PHONE PHONE
  or the text as it should come out                Call [PHONE_1] or mail [EMAIL_1]

An empty label says that nothing personal is in the text: whatever is replaced there is wrong. Kinds are
%s.`, strings.Join(secretNames(), ", ")),
		Example: `  earshot eval redact --file personal.csv --text body --label kinds
  earshot eval redact --file personal.csv --label expected --json`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := c.evalConfig(&f); err != nil {
				return err
			}
			if f.label == "" {
				return fmt.Errorf("%w: name the column of what should be replaced with --label", errUsage)
			}
			result, rows, err := c.evalRedact(cmd.Context(), &f)
			if err != nil {
				return err
			}
			return c.show(result, rows)
		},
	})
	f.fileFlags(cmd, "expected", "column of the kinds or of the text as it should come out")
	return cmd
}

// redactResult is what eval redact says. Shares are 0 to 1.
type redactResult struct {
	File    string `json:"file"`
	Refused int    `json:"refused"`
	eval.Redaction
	Seconds float64 `json:"seconds"`
}

func (c *cli) evalRedact(ctx context.Context, f *evalFlags) (*redactResult, *evalRows, error) {
	rows, err := c.readRows(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	var texts []eval.Redacted
	var clean []string
	for _, r := range rows.rows {
		want, err := expectedKinds(r.label)
		if err != nil {
			rows.refuse(rows.sheet.Fault(r.cells, rows.label, "%s", err))
			continue
		}
		texts = append(texts, eval.Redacted{Want: want})
		clean = append(clean, r.clean)
	}
	if len(texts) == 0 {
		return nil, nil, rows.none()
	}
	watch := newStopwatch()
	for i, text := range clean {
		_, found := ingest.Redact(text)
		for _, r := range found {
			texts[i].Got = append(texts[i].Got, string(r.Kind))
		}
	}
	return &redactResult{File: rows.sheet.Name, Refused: rows.refused, Seconds: watch.lap(), Redaction: eval.MeasureRedaction(texts)}, rows, nil
}

var placeholder = regexp.MustCompile(`\[([A-Z]+(?:_[A-Z]+)*)(?:_\d+)?\]`)

// expectedKinds reads a label: the kinds of the placeholders in it, or else the kinds that it lists.
func expectedKinds(label string) ([]string, error) {
	var names []string
	for _, found := range placeholder.FindAllStringSubmatch(label, -1) {
		names = append(names, found[1])
	}
	if names == nil {
		names = strings.FieldsFunc(label, func(r rune) bool { return strings.ContainsRune(" ,;|/\t\n", r) })
	}
	known := secretNames()
	for i, n := range names {
		names[i] = strings.ToUpper(n)
		if !slices.Contains(known, names[i]) {
			return nil, fmt.Errorf("%q is no kind of personal data: they are %s", clip(n, 40), strings.Join(known, ", "))
		}
	}
	return names, nil
}

func secretNames() []string {
	names := make([]string, len(secretKinds))
	for i, k := range secretKinds {
		names[i] = string(k)
	}
	return names
}

func (r *redactResult) print(w io.Writer) error {
	err := figures(w, "Redaction of "+r.File, []figure{
		{"n", thousands(r.N)},
		{"just what should go went in", percent(r.Exact)},
		{"redacting took", seconds(r.Seconds)},
	})
	if err != nil {
		return err
	}
	var lines [][]string
	for _, k := range append(slices.Clone(r.PerKind), r.AllKinds) {
		if k.Kind == "" {
			k.Kind = "all"
		}
		lines = append(lines, []string{k.Kind, fmt.Sprint(k.Want), fmt.Sprint(k.Found), fmt.Sprint(k.Right),
			shareOf(k.Precision, k.Found), shareOf(k.Recall, k.Want)})
	}
	fmt.Fprintln(w)
	return table(w, []string{"KIND", "WANTED", "FOUND", "RIGHT", "PRECISION", "RECALL"}, lines)
}
