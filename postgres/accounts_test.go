package postgres_test

import (
	"testing"

	"earshot/feedback"
	"earshot/postgres"
)

// called is an item of an account that the message calls by its name alone.
func called(id, name string) feedback.Item {
	it := item(id, "It is "+id+".")
	it.Customer = &feedback.Customer{ID: name, Name: name}
	return it
}

// accounts says whose each item is, by its external id, and what each account is called.
func accounts(t *testing.T, store *postgres.Store) (whose, names map[string]string) {
	t.Helper()
	read := func(sql string) map[string]string {
		out := map[string]string{}
		rows, err := postgres.Pool(store).Query(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var key, value string
			if err := rows.Scan(&key, &value); err != nil {
				t.Fatal(err)
			}
			out[key] = value
		}
		return out
	}
	return read(`SELECT external_id, coalesce(customer_id, '') FROM items`), read(`SELECT id, name FROM customers`)
}

func TestAnAccountThatIsCalledByItsNameIsFound(t *testing.T) {
	store := open(t)
	arr := 9000.0
	if err := store.SaveCustomers(t.Context(), "acme", []feedback.Customer{
		{ID: "c1", Name: "Northgate Lifts", ARR: &arr}, {ID: "c2", Name: "Twin"}, {ID: "c3", Name: "Twin"}, {ID: "c4", Name: "c1"}, // as an id is called
	}); err != nil {
		t.Fatal(err)
	}
	save(t, store, called("by-name", "northgate lifts"), called("by-id", "c1"), called("ambiguous", "Twin"), called("unknown", "Nobody Ltd"))
	whose, names := accounts(t, store)
	for id, want := range map[string]string{"by-name": "c1", "by-id": "c1", "ambiguous": "Twin", "unknown": "Nobody Ltd"} {
		if whose[id] != want {
			t.Errorf("%s is said by %q, want %q", id, whose[id], want)
		}
	}
	if names["c1"] != "Northgate Lifts" {
		t.Errorf("c1 is called %q", names["c1"])
	}
}

func TestAListOfAccountsAdoptsWhatWasSaidByTheirNames(t *testing.T) {
	store := open(t)
	early := called("early", "Northgate Lifts")
	early.Customer.Segment = "enterprise"
	save(t, store, early, called("spelt", "NORTHGATE LIFTS"), called("other", "Somebody Else"), called("twin", "Twin"))
	arr := 9000.0
	list := []feedback.Customer{{ID: "c1", Name: "Northgate lifts", ARR: &arr}, {ID: "c2", Name: "Twin"}, {ID: "c3", Name: "Twin"}}
	for range 2 {
		if err := store.SaveCustomers(t.Context(), "acme", list); err != nil {
			t.Fatal(err)
		}
		whose, names := accounts(t, store)
		if whose["early"] != "c1" || whose["spelt"] != "c1" || whose["other"] != "Somebody Else" || whose["twin"] != "Twin" {
			t.Errorf("said by %v", whose)
		}
		if _, still := names["Northgate Lifts"]; still || len(names) != 5 {
			t.Errorf("the accounts are %v", names)
		}
	}
	var segment string
	var known float64
	const look = `SELECT segment, arr::float8 FROM customers WHERE id = 'c1'`
	if err := postgres.Pool(store).QueryRow(t.Context(), look).Scan(&segment, &known); err != nil || segment != "enterprise" || known != arr {
		t.Errorf("what was known of the account is %q, %v, %v", segment, known, err)
	}
}
