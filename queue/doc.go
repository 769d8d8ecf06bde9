// Package queue is Earshot's side of NATS JetStream: a server inside the process for one machine, connections to a
// cluster for many, two streams that lose nothing, publishing that is durable when it returns, and consumers that
// decide by an error's code what becomes of a message.
//
//	server, err := queue.StartServer(ctx, queue.ServerConfig{Dir: "data/queue", Log: log})
//	conn, err := server.Connect(ctx)
//	err = conn.EnsureStreams(ctx, queue.StreamsConfig{})
//	errs := conn.PublishReceived(ctx, "acme", "zendesk", messages) // nil: on disk
//	consumer, err := queue.NewConsumer(conn, queue.ConsumerConfig{Stage: queue.Ingest, Handler: ingest, Dead: store})
//	err = consumer.Run(ctx) // until ctx ends and the batches in flight are done
//
// # What becomes of a message
//
//	error code          verdict
//	none                acknowledged
//	invalid, too_large  dead letter, then terminated
//	unavailable         later, however often; never a dead letter
//	anything else       again after a growing delay; a dead letter after MaxDeliver attempts
//
// A message is terminated only after its dead letter was saved. While whole batches fail as unavailable, pulling pauses
// and one message at a time probes whether the fault is over. What a worker is about to handle is written down first:
// messages that were open when a process died are handled with ever fewer others, at last alone, and one that stops its
// worker every time is buried without being parsed.
//
// Whoever is killed from outside must not cost the message that it had in hand. A message over which a worker died alone
// is therefore held for a while, untouched, before it is handled again: deaths while it is held speak for it, deaths while
// it is handled against it. It takes three deaths among others, one alone and then four more while it was handled than
// while it was held.
//
// NATS counts every delivery, also those that an outage wasted, and loses the latest counts when it is killed, so its
// count cannot tell a poison message from a bad day of the database. Failures are therefore counted in a small bucket
// of their own, EARSHOT_ATTEMPTS.
package queue
