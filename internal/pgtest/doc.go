// Package pgtest gives tests a real PostgreSQL with pgvector, and each test a database of its own.
//
//	func TestStore(t *testing.T) {
//		url := pgtest.NewDatabase(t, postgres.Migrate)
//		store, err := postgres.Open(t.Context(), url)
//		...
//	}
//
// The first use in a test binary starts a private server in a temporary folder, and the callback fills a template there;
// every database after it is a copy, which takes milliseconds. The server and its folder go away with the test binary,
// even one that is killed. With EARSHOT_TEST_DATABASE_URL set to a superuser's URL, that server is used instead.
//
// Without a server a test fails; it is never skipped.
package pgtest
