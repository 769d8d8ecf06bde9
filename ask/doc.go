// Package ask answers questions about the feedback itself. Its search finds excerpts both by what they mean and by the
// words that they use, so that "cannot sign in" finds "login is broken" and "ERR-4012" finds ERR-4012:
//
//	search, err := ask.New(ask.Config{Store: store, Embedder: embedder})
//	if err != nil {
//		return err
//	}
//	hits, err := search.Search(ctx, "default", "battery empty by noon", 20)
package ask
