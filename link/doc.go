// Package link is stage 4: it says which feature each cluster is about, or that none fits.
//
//	stage, err := link.New(link.Config{Store: store, Embedder: embedder})
//	if err != nil {
//		return err
//	}
//	summary, err := stage.Link(ctx, "default")
//
// For every cluster each feature is scored by meaning (the cosine of the cluster's centroid and the feature's text, both
// less what is common to all of their kind) and by words (the TF-IDF cosine of the cluster's name, keywords and summary
// and of the feature's name, description and place). The best one becomes a link when it is good enough by itself, and an
// automatic one when it is also clearly better than the next. Otherwise the cluster stays without a feature: a need that
// no feature fits is worth more than a wrong link.
//
// What a person decided stands: a confirmed cluster is left alone, and a rejected pair is never proposed again. The same
// clusters and features give the same links.
package link
