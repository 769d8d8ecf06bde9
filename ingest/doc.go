// Package ingest is stage 1: it turns the messages that producers send into items that can be stored.
//
// A message is decoded and checked against the contract ([Decode]), cleaned of markup, quoted replies, signatures and
// invisible characters ([Clean]), stripped of personal data ([Redact]), and cut into excerpts that make one point each
// ([Split]). A [Stage] does all of this to a batch over all cores, saves the batch in one call and says what it saved:
//
//	stage, err := ingest.New(ingest.Config{Store: store, Publisher: queue, Now: time.Now, Log: log})
//	errs := stage.Handle(ctx, batch) // one a message; nil is done, an Invalid one belongs to the dead letters
//
// What could not be taken goes through [DeadLetters], which redacts it before it is kept. Nothing in here knows
// Postgres or NATS; the subpackage importer reads files.
package ingest
