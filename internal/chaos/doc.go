// Package chaos kills Earshot and looks whether anything was lost. It runs earshot as a process of its own, sends it
// feedback over HTTP as a producer would, ends processes with SIGKILL at named points and at random, takes the database
// and the queue away, and then compares two sets that were made apart: what was acknowledged, from a file that the
// producers wrote, and what the database holds, read with statements of its own.
//
//	site, err := chaos.NewSite(dir, "EARSHOT_DATABASE_URL="+url)
//	producer := chaos.NewProducer(site, ledger)
//	err = site.Start(ctx)               // the process is up
//	err = producer.Send(ctx, 1000)      // each item is acknowledged, however often it takes
//	site.Kill()
//	err = site.Drain(ctx)
//	found, err := chaos.Check(ctx, site.DatabaseURL(), ledger)
//
// A checker that cannot fail proves nothing: [Break] takes one guarantee away, and the checker has to find that.
//
// The program that uses the package must call [Main] first: a process of the harness is the program itself, told by its
// environment which part it plays.
package chaos
