// Package localpg runs a private PostgreSQL server with pgvector as a child of this process, so that Earshot needs no
// database set up beforehand. The server listens on a unix socket alone, that only its own account may open.
//
//	cluster, err := localpg.Start(ctx, localpg.Config{Dir: "data/postgres"})
//	if err != nil {
//		return err // one line that says what is wrong and what to do
//	}
//	defer cluster.Stop(context.Background())
//	err = cluster.CreateDatabase(ctx, "earshot")
//	pool, err := pgxpool.New(ctx, cluster.URL("earshot"))
//
// # Two processes, one folder
//
// The first process to start the cluster of a folder owns it, and holds a file lock that ends with it however it ends.
// Any further process attaches: it uses the running server, and its Stop leaves the server alone. A process that must own
// the server, because others will rely on it, sets [Config.Exclusive] and gets a conflict instead.
//
// # Death on either side
//
// When the owner is killed, Linux tells the server to shut down. When the server is killed, Done is closed and Err says
// why. Whatever a crash leaves (a pid file, a server that is still stopping, a half-made cluster) the next Start clears
// away, and what was committed is there.
//
// # Where the cluster is
//
// It lies in Config.Dir. PostgreSQL refuses to run as root, so root's server runs as the account postgres, or nobody; and
// when that account can't enter Config.Dir, as under root's home, the cluster is placed under /var/lib/earshot and the
// file "location" in Config.Dir says where. [Cluster.Dir] gives the folder in either case. A Config.Dir that is deleted
// starts afresh; the newest cluster that it leaves under /var/lib/earshot is kept until the next one takes its place, or
// for a Config.Dir among temporary files until the next cluster is placed there.
package localpg
