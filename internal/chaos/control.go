package chaos

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Fault is a guarantee that is taken away on purpose, so that the checker can be seen to miss it.
type Fault string

// The faults.
const (
	// EarlyAck acknowledges messages before they are saved.
	EarlyAck Fault = "acknowledged before the commit"
	// NoKey drops the unique key of the items and keeps a row for each message, as a table without one would.
	NoKey Fault = "no unique key"
	// NoReceipts keeps one receipt in ten from being written.
	NoReceipts Fault = "receipts not written"
)

// Faults lists them.
var Faults = []Fault{EarlyAck, NoKey, NoReceipts}

// settings are those of a process that has the fault.
func (f Fault) settings() []string {
	if f == EarlyAck {
		return []string{earlyVar + "=1"}
	}
	return nil
}

// Break takes the guarantee away in the database, where it is one of the database's.
func (f Fault) Break(ctx context.Context, url string) error {
	statements := map[Fault]string{
		NoKey: `
			ALTER TABLE items DROP CONSTRAINT items_by_name;
			CREATE FUNCTION own_number() RETURNS trigger LANGUAGE plpgsql AS $$
			DECLARE again items := NEW;
			BEGIN
			    IF EXISTS (SELECT FROM items WHERE workspace_id = NEW.workspace_id AND id = NEW.id) THEN
			        again.id = gen_random_uuid();
			        INSERT INTO items VALUES (again.*);
			    END IF;
			    RETURN NEW;
			END $$;
			CREATE TRIGGER own_number BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION own_number();`,
		NoReceipts: `
			CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			    RETURN CASE WHEN NEW.sequence % 10 = 0 THEN NULL ELSE NEW END;
			END $$;
			CREATE TRIGGER forget BEFORE INSERT ON receipts FOR EACH ROW EXECUTE FUNCTION forget();`,
	}
	if statements[f] == "" {
		return nil
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, statements[f]); err != nil {
		return fmt.Errorf("break %q: %w", f, err)
	}
	return nil
}
