-- +goose Up

-- Messages may call an account by its name alone.
CREATE INDEX customers_by_name ON customers (workspace_id, lower(name));

-- +goose Down
DROP INDEX customers_by_name;
