package importer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/feedback"
)

// entity is a row of a features or customers file: its cells by the plain name of their column.
type entity struct {
	line  int
	cells map[string]string
	names map[string]string // the columns as the file spells them
}

func (e *entity) first(names ...string) string {
	for _, n := range names {
		if v := e.cells[n]; v != "" {
			return v
		}
	}
	return ""
}

// readEntities reads a whole CSV, JSON Lines or JSON file of entities: there are few of them. Every bad row's error is in
// the second result; the third is that of the file.
func readEntities(ctx context.Context, name string, r io.Reader) ([]entity, []error, error) {
	f := &File{mapping: Mapping{File: name}}
	var err error
	if f.in, f.mapping.Encoding, err = decodeText(r); err != nil {
		return nil, nil, feedback.Errorf(feedback.Internal, "read %s: %w", name, err)
	}
	head, err := f.in.Peek(peek)
	if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, nil, feedback.Errorf(feedback.Internal, "read %s: %w", name, err)
	}
	if len(strings.TrimSpace(string(head))) == 0 {
		return nil, nil, feedback.Errorf(feedback.Invalid, "%s is empty", name)
	}
	var rows []entity
	var bad []error
	object := func(line int, raw []byte, err error) bool {
		var o map[string]json.RawMessage
		if err == nil {
			err = json.Unmarshal(raw, &o)
		}
		if err != nil {
			bad = append(bad, invalid(name, line, "", "%s", err))
			return ctx.Err() == nil
		}
		e := entity{line: line, cells: map[string]string{}, names: map[string]string{}}
		for _, k := range sortedKeys(o) {
			e.cells[plain(k)], e.names[plain(k)] = strings.TrimSpace(rawString(o[k])), k
		}
		rows = append(rows, e)
		return ctx.Err() == nil
	}
	switch guessFormat(head) {
	case JSONLines:
		err = eachLine(f.in, object)
	case JSONArray:
		err = eachElement(f.in, object)
	default:
		rows, bad, err = csvEntities(ctx, name, f.in, guessDelimiter(head))
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil && feedback.ErrorCode(err) == feedback.Internal {
		err = feedback.Errorf(feedback.Internal, "read %s: %w", name, err)
	}
	return rows, bad, err
}

func csvEntities(ctx context.Context, name string, in *bufio.Reader, delimiter rune) ([]entity, []error, error) {
	records := newCSVReader(in, delimiter)
	first, err := records.next()
	if err != nil {
		return nil, nil, err
	}
	if first.err != nil {
		return nil, nil, invalid(name, first.line, "the column names", "%s", first.err)
	}
	header := tidyHeader(first.fields)
	var rows []entity
	var bad []error
	for ctx.Err() == nil {
		r, err := records.next()
		if err == io.EOF {
			break
		}
		switch {
		case err != nil:
			return nil, nil, err
		case r.err != nil:
			bad = append(bad, invalid(name, r.line, "", "%s", r.err))
			continue
		case len(r.fields) > len(header):
			bad = append(bad, invalid(name, r.line, "", "has %d columns, the header has %d", len(r.fields), len(header)))
			continue
		}
		e := entity{line: r.line, cells: map[string]string{}, names: map[string]string{}}
		for i, cell := range r.fields {
			e.cells[plain(header[i])], e.names[plain(header[i])] = strings.TrimSpace(cell), header[i]
		}
		rows = append(rows, e)
	}
	return rows, bad, nil
}

// Features reads the product's hierarchy: CSV or JSON with the columns name and, optionally, id, parent_id (the id or the
// name of the parent), kind (product, component, feature), status (idea, planned, in progress, shipped), shipped_at and
// description. Names alone suffice: an id is made of the name, and a kind of the place in the hierarchy.
//
// Parents come before their children in the result. Its errors are Invalid and name file, line and field; a file with a
// bad row, an unknown parent, a doubled id or a cycle gives no feature at all, for half a hierarchy links wrongly.
func Features(ctx context.Context, name string, r io.Reader) ([]feedback.Feature, error) {
	rows, bad, err := readEntities(ctx, name, r)
	if err != nil {
		return nil, err
	}
	if len(bad) > 0 {
		return nil, bad[0]
	}
	if len(rows) == 0 {
		return nil, feedback.Errorf(feedback.Invalid, "%s has no feature in it", name)
	}
	if rows[0].names["name"] == "" && rows[0].names["feature"] == "" && rows[0].names["title"] == "" {
		return nil, invalid(name, rows[0].line, "", "there is no column %q: the columns are %s", "name", list(columnNames(&rows[0])))
	}
	features := make([]feedback.Feature, 0, len(rows))
	lines := make([]int, 0, len(rows))
	for i := range rows {
		f, err := readFeature(name, &rows[i])
		if err != nil {
			return nil, err
		}
		features, lines = append(features, f), append(lines, rows[i].line)
	}
	nameFeatures(features)
	if err := placeFeatures(name, features, lines); err != nil {
		return nil, err
	}
	return topDown(name, features, lines)
}

func columnNames(e *entity) []string {
	var names []string
	for _, n := range e.names {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func readFeature(file string, e *entity) (feedback.Feature, error) {
	f := feedback.Feature{
		ID:          e.first("id", "feature id", "key"),
		Parent:      e.first("parent id", "parent", "parent name", "component", "belongs to"),
		Name:        e.first("name", "feature", "title", "feature name"),
		Kind:        strings.ToLower(e.first("kind", "type", "level")),
		Description: e.first("description", "details", "notes"),
	}
	if f.Name == "" {
		return f, invalid(file, e.line, `column "name"`, "is empty")
	}
	if len(f.ID) > 512 || len(f.Name) > 512 {
		return f, invalid(file, e.line, `column "name"`, "an id and a name may have 512 bytes")
	}
	switch f.Kind {
	case "", "product", "component", "feature":
	case "module", "area", "group", "epic":
		f.Kind = "component"
	default:
		return f, invalid(file, e.line, `column "kind"`, "%q is unknown: it may be product, component or feature", clip(f.Kind))
	}
	status := strings.Join(strings.FieldsFunc(strings.ToLower(e.first("status", "state", "stage")), func(r rune) bool { return r == ' ' || r == '-' || r == '_' }), "_")
	switch status {
	case "", "none", "n/a":
	case "idea", "backlog", "proposed", "under_review", "open", "new":
		f.Status = feedback.StatusIdea
	case "planned", "next", "todo", "accepted", "committed", "later", "now":
		f.Status = feedback.StatusPlanned
	case "in_progress", "doing", "started", "building", "in_development", "beta":
		f.Status = feedback.StatusInProgress
	case "shipped", "done", "released", "live", "complete", "completed", "launched":
		f.Status = feedback.StatusShipped
	default:
		return f, invalid(file, e.line, `column "status"`, "%q is unknown: it may be idea, planned, in progress or shipped", clip(status))
	}
	var d dates
	var err error
	if f.ShippedAt, err = d.parse(e.first("shipped at", "shipped", "released at", "release date", "shipped on")); err != nil {
		return f, invalid(file, e.line, `column "shipped_at"`, "%s", err)
	}
	if !f.ShippedAt.IsZero() {
		f.ShippedAt = f.ShippedAt.UTC().Truncate(24 * time.Hour)
		if f.Status == "" {
			f.Status = feedback.StatusShipped
		}
	}
	return f, nil
}

// nameFeatures gives an id to those that have none: their name as a slug, with a number where another has it.
func nameFeatures(features []feedback.Feature) {
	used := map[string]bool{}
	for i := range features {
		used[features[i].ID] = true
	}
	for i := range features {
		f := &features[i]
		if f.ID != "" {
			continue
		}
		base := slug(f.Name)
		if base == "" {
			base = "feature"
		}
		f.ID = base
		for n := 2; used[f.ID]; n++ {
			f.ID = base + "-" + strconv.Itoa(n)
		}
		used[f.ID] = true
	}
}

// placeFeatures resolves parents by id and then by name, and fills in the kinds.
func placeFeatures(file string, features []feedback.Feature, lines []int) error {
	byID, byName := map[string]int{}, map[string][]int{}
	for i, f := range features {
		if j, doubled := byID[f.ID]; doubled {
			return invalid(file, lines[i], `column "id"`, "%q stands on line %d already", clip(f.ID), lines[j])
		}
		byID[f.ID] = i
		byName[plain(f.Name)] = append(byName[plain(f.Name)], i)
	}
	hasChild := make([]bool, len(features))
	for i := range features {
		f := &features[i]
		if f.Parent == "" {
			continue
		}
		if j, ok := byID[f.Parent]; ok {
			hasChild[j] = true
			continue
		}
		switch named := byName[plain(f.Parent)]; len(named) {
		case 0:
			return invalid(file, lines[i], `column "parent_id"`, "there is no feature %q", clip(f.Parent))
		case 1:
			f.Parent = features[named[0]].ID
			hasChild[named[0]] = true
		default:
			return invalid(file, lines[i], `column "parent_id"`, "%d features are called %q: give the parent's id", len(named), clip(f.Parent))
		}
	}
	for i := range features {
		f := &features[i]
		if f.Kind == "" {
			switch {
			case hasChild[i] && f.Parent == "":
				f.Kind = "product"
			case hasChild[i]:
				f.Kind = "component"
			default:
				f.Kind = "feature"
			}
		}
		if f.Kind == "feature" && f.Status == "" {
			f.Status = feedback.StatusIdea
		}
		if f.Kind != "feature" {
			f.Status = ""
		}
	}
	return nil
}

// topDown orders parents before children and refuses a cycle.
func topDown(file string, features []feedback.Feature, lines []int) ([]feedback.Feature, error) {
	out := make([]feedback.Feature, 0, len(features))
	placed := map[string]bool{"": true}
	for len(out) < len(features) {
		before := len(out)
		for _, f := range features {
			if !placed[f.ID] && placed[f.Parent] {
				placed[f.ID] = true
				out = append(out, f)
			}
		}
		if len(out) == before {
			for i, f := range features {
				if !placed[f.ID] {
					return nil, invalid(file, lines[i], `column "parent_id"`, "%q is its own ancestor", clip(f.ID))
				}
			}
		}
	}
	return out, nil
}
