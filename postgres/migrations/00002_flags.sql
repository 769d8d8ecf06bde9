-- +goose Up
-- What stage 2 found in an excerpt's words. Excerpts that were labelled before have neither.
ALTER TABLE excerpts
    ADD COLUMN urgent     boolean NOT NULL DEFAULT false, -- it says that it cannot wait
    ADD COLUMN churn_risk boolean NOT NULL DEFAULT false; -- its writer speaks of leaving

-- +goose Down
ALTER TABLE excerpts DROP COLUMN urgent, DROP COLUMN churn_risk;
