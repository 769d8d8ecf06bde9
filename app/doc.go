// Package app is the only wiring: it reads the configuration, starts or attaches to what that names, gives every stage its
// store, queue and models, and runs the workers and the schedule.
//
//	a, err := app.Open(ctx, cfg, app.Options{Queue: true})
//	if err != nil {
//		return err
//	}
//	defer a.Close()
//	stop, err := a.StartWorkers(ctx, app.AllRoles)
//
// A command opens what it needs, and nothing else runs: listing clusters starts no queue.
package app
