// Package deliver is stage 7: it brings Pulses and alerts to those who asked for them, when they asked for them, and once.
//
// A [feedback.Schedule] is due at moments of its own time zone ([Due]). A moment that has come is planned: one delivery for
// each target, in the transaction that says that the schedule is served up to it. Deliveries are claimed one by one,
// carried, and recorded. Moments that were missed while nothing ran are made up for once, by the latest of them.
//
//	stage, err := deliver.New(deliver.Config{Store: store, Content: content, Courier: courier, Now: time.Now})
//	err = stage.Tick(ctx) // plans what is due and sends what waits
//
// A process may be killed after a delivery has left and before it is recorded. A folder, a webhook and a mailbox can drop a
// repeat by its id, so there it is carried again (at least once); a channel of Slack cannot, so there it is not, and
// stands in the record as unknown (at most once).
package deliver
