package importer

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strconv"

	"earshot/feedback"
)

// customerColumns are those that a customer's own fields come from; all others are attributes.
var customerColumns = struct{ id, name, segment, plan, arr []string }{
	id: []string{"id", "customer id", "account id", "company id", "organization id", "organisation id", "org id", "client id", "external id", "key",
		"kundennummer", "kunden id"},
	name: []string{"name", "customer name", "account name", "company name", "customer", "account", "company", "organization", "organisation",
		"client", "kunde", "firma"},
	segment: []string{"segment", "customer segment", "size", "tier"},
	plan:    []string{"plan", "subscription", "subscription plan", "plan name", "product plan"},
	arr:     []string{"arr", "annual recurring revenue", "annual revenue", "contract value", "acv"},
}

// Customers reads accounts: CSV or JSON with the columns id or name and, optionally, segment, plan and arr, in which
// currency signs and separators of thousands are understood. Other columns become attributes. Without an id the name
// is the id.
//
// It gives the good rows, and one Invalid error with file, line and field for each bad one: without id and name, an amount
// that can't be read, an id that stood above already. The third result is that of the file: it can't be read, or has
// neither an id nor a name column.
func Customers(ctx context.Context, name string, r io.Reader) ([]feedback.Customer, []error, error) {
	rows, bad, err := readEntities(ctx, name, r)
	if err != nil {
		return nil, nil, err
	}
	if len(rows) == 0 && len(bad) == 0 {
		return nil, nil, feedback.Errorf(feedback.Invalid, "%s has no customer in it", name)
	}
	var customers []feedback.Customer
	seen := map[string]int{}
	for i := range rows {
		e := &rows[i]
		if i == 0 && !has(e, customerColumns.id) && !has(e, customerColumns.name) {
			return nil, nil, invalid(name, e.line, "", "there is no column %q or %q: the columns are %s", "id", "name", list(columnNames(e)))
		}
		c, err := readCustomer(name, e)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		if line, doubled := seen[c.ID]; doubled {
			bad = append(bad, invalid(name, e.line, `column "id"`, "%q stands on line %d already", clip(c.ID), line))
			continue
		}
		seen[c.ID] = e.line
		customers = append(customers, c)
	}
	return customers, bad, nil
}

func has(e *entity, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return e.names[n] != "" })
}

func readCustomer(file string, e *entity) (feedback.Customer, error) {
	used := map[string]bool{}
	take := func(names []string) string {
		for _, n := range names {
			if v := e.cells[n]; v != "" && !used[n] {
				used[n] = true
				return v
			}
		}
		return ""
	}
	c := feedback.Customer{ID: take(customerColumns.id), Name: take(customerColumns.name), Segment: take(customerColumns.segment), Plan: take(customerColumns.plan)}
	if c.ID == "" {
		c.ID = c.Name
	}
	if c.ID == "" {
		return c, invalid(file, e.line, `column "id"`, "is empty, and there is no name either")
	}
	if len(c.ID) > 512 || len(c.Name) > 512 {
		return c, invalid(file, e.line, `column "id"`, "an id and a name may have 512 bytes")
	}
	if v := take(customerColumns.arr); v != "" {
		n, err := money(v)
		if err != nil {
			return c, invalid(file, e.line, `column "arr"`, "%s", err)
		}
		c.ARR = n
	}
	names := make([]string, 0, len(e.cells))
	for n := range e.cells {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		if used[n] || e.cells[n] == "" || len(c.Attributes) >= maxAttributes {
			continue
		}
		raw, err := json.Marshal(e.cells[n])
		if err != nil {
			return c, invalid(file, e.line, "column "+strconv.Quote(clip(e.names[n])), "%s", err)
		}
		if c.Attributes == nil {
			c.Attributes = map[string]json.RawMessage{}
		}
		c.Attributes[e.names[n]] = raw
	}
	return c, nil
}
